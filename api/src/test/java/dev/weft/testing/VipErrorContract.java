package dev.weft.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * ICMP errors through VIPs. The kernels of both containers are the oracle: one tells a socket of an error only if it quotes a packet that
 * the socket has sent.
 */
public abstract class VipErrorContract extends VipContract {

    /** Sends, again each second, until there is an answer or an error, and prints it. Arguments: address, port. */
    private static final String CLIENT = """
            import errno, socket, sys
            six = ':' in sys.argv[1]
            s = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(1)
            s.setsockopt(*((41, 23, 2) if six else (0, 10, 2))) # MTU_DISCOVER: DO
            s.connect((sys.argv[1], int(sys.argv[2])))
            for _ in range(60):
                try: s.send(bytes(1200)); print(s.recv(100).decode()); break
                except TimeoutError: pass
                except OSError as e: print(errno.errorcode[e.errno]); break
            """;
    /** Tells each one who sends it a datagram that it was too big for an MTU of 1000 (RFC 1191), with 28 bytes of it. Argument: port. */
    private static final String TOO_BIG = """
            import socket, struct, sys
            port = int(sys.argv[1])
            u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(('', port))
            r = socket.socket(socket.AF_INET, socket.SOCK_RAW, 17); e = socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)
            print('ready', flush=True)
            while True:
                d, who = r.recvfrom(2000)
                if struct.unpack('>H', d[22:24])[0] != port: continue
                m = struct.pack('>BBHHH', 3, 4, 0, 0, 1000) + d[:28]
                t = sum(struct.unpack('>18H', m)); t = (t & 0xffff) + (t >> 16); t = (t & 0xffff) + (t >> 16)
                e.sendto(m[:2] + struct.pack('>H', t ^ 0xffff) + m[4:], who)
            """;
    /** Answers; after a line of input it sends the last client more, until that is refused, and says so. Argument: port. */
    private static final String TALKER = """
            import select, socket, sys
            s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); s.setsockopt(41, 26, 0); s.setsockopt(1, 2, 1); s.bind(('::', int(sys.argv[1])))
            print('ready', flush=True)
            while True:
                who = None
                while True:
                    ready = select.select([s, sys.stdin], [], [])[0]
                    if s in ready: who = s.recvfrom(2000)[1]; s.sendto(b'answer', who)
                    elif sys.stdin in ready: break
                if not sys.stdin.readline(): break
                c = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); c.setsockopt(41, 26, 0); c.setsockopt(1, 2, 1); c.settimeout(1)
                c.bind(('::', int(sys.argv[1]))); c.connect(who)
                for _ in range(60):
                    try: c.send(b'more'); c.recv(100)
                    except TimeoutError: pass
                    except ConnectionRefusedError: print('refused', flush=True); break
            """;

    private String ask(String vip, int port) {
        return Shell.in(a.container(), "python3", "-c", CLIENT, vip, "" + port);
    }

    @Test
    void shouldTellTheClientOfAVipThatAPortIsClosedOrAPacketTooBig() throws IOException {
        hosts.service("web", 200, List.of(b));
        applyBoth();
        assertEquals("ECONNREFUSED", ask("10.77.0.200", 7));
        assertEquals("ECONNREFUSED", ask("fd77::c8", 7));
        Process server = Shell.startIn(b.container(), "python3", "-c", TOO_BIG, "7008");
        try {
            assertEquals("ready", server.inputReader().readLine());
            assertEquals("EMSGSIZE", ask("10.77.0.200", 7008));
        } finally {
            server.destroy();
        }
    }

    @Test
    void shouldTellTheBackendOfAVipThatItsClientIsGone() throws IOException {
        hosts.service("web", 200, List.of(b));
        applyBoth();
        Process server = Shell.startIn(b.container(), "python3", "-c", TALKER, "7009");
        try {
            assertEquals("ready", server.inputReader().readLine());
            for (String vip : List.of("10.77.0.200", "fd77::c8")) {
                assertEquals("answer", ask(vip, 7009));
                assertEquals("refused", say(server, "more"), vip);
            }
        } finally {
            server.destroy();
        }
    }
}
