package dev.weft.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.testing.Shell;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** A client, a router with a VIP, and one machine that has the addresses of all backends, 10.8.0.11 to 13. Nothing balances there yet. */
final class BalancedRouter implements AutoCloseable {

    static final String VIP = "10.9.9.9";

    /** Serves TCP and UDP at each address it has been told and answers with that one's last part. Arguments: addresses. */
    private static final String SERVERS = """
            import select, socket, sys
            listening = []; asked = []
            for address in sys.argv[1:]:
                s = socket.socket(); s.bind((address, 80)); s.listen(512); listening.append(s)
                u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind((address, 53)); asked.append(u)
            print('ready', flush=True)
            held = []
            while True:
                for s in select.select(listening + asked + held, [], [])[0]:
                    if s in listening:
                        c = s.accept()[0]; c.sendall(c.getsockname()[0].split('.')[3].encode()); held.append(c)
                    elif s in asked:
                        d, peer = s.recvfrom(9); s.sendto(s.getsockname()[0].split('.')[3].encode(), peer)
                    elif not s.recv(9):
                        held.remove(s); s.close()
            """;
    /**
     * Does what a line says and prints who served: tcp COUNT, udp COUNT; close BACKEND ends its TCP connections, and waits until both sides have;
     * flood COUNT asks as many ports. Argument: the VIP.
     */
    private static final String CLIENT = """
            import socket, sys
            held = []
            def tcp():
                c = socket.create_connection((sys.argv[1], 80), 60); name = c.recv(9).decode(); held.append((name, c)); return name
            def udp():
                u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.connect((sys.argv[1], 53)); u.settimeout(60)
                u.send(b'who'); name = u.recv(9).decode(); held.append((name, u)); return name
            for line in sys.stdin:
                what, n = line.split()
                if what == 'close':
                    for name, c in [h for h in held if h[0] == n and h[1].type == socket.SOCK_STREAM]:
                        c.shutdown(socket.SHUT_WR)
                        while c.recv(9): pass
                        c.close(); held.remove((name, c))
                    print('closed', flush=True)
                elif what == 'flood':
                    u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    for port in range(1000, 1000 + int(n)): u.sendto(b'.', (sys.argv[1], port))
                    print('flooded', flush=True)
                else:
                    print(' '.join((tcp if what == 'tcp' else udp)() for i in range(int(n))), flush=True)
            """;

    private final String id = "wb" + ProcessHandle.current().pid();
    private final String router = id + "r";
    private final String client = id + "c";
    private final String servers = id + "s";
    private NetworkNamespace namespace;
    private Process serving;
    private Process asking;
    private BufferedReader answers;

    BalancedRouter() throws IOException {
        try {
            build();
        } catch (IOException | RuntimeException | AssertionError e) {
            close();
            throw e;
        }
    }

    private void build() throws IOException {
        for (String name : List.of(router, client, servers)) {
            Shell.words("ip netns add " + name);
            Shell.in(name, "sysctl", "-q", "-w", "net.ipv6.conf.default.disable_ipv6=1"); // nothing is said that a test does not say
        }
        wire("br0", client, "10.9.0");
        wire("back", servers, "10.8.0");
        for (int backend = 11; backend <= 13; backend++) {
            Shell.words("ip -n " + servers + " addr add 10.8.0." + backend + "/24 dev eth0");
        }
        Shell.words("ip -n " + router + " addr add " + VIP + "/32 dev br0");
        namespace = NetworkNamespace.open(router);
        serving = Shell.startIn(servers, "python3", "-c", SERVERS, "10.8.0.11", "10.8.0.12", "10.8.0.13");
        assertEquals("ready", serving.inputReader().readLine());
        asking = Shell.startIn(client, "python3", "-c", CLIENT, VIP);
        answers = asking.inputReader();
    }

    private void wire(String device, String to, String subnet) {
        Shell.words("ip -n " + router + " link add " + device + " type veth peer name eth0 netns " + to);
        Shell.words("ip -n " + router + " addr add " + subnet + ".1/24 dev " + device);
        Shell.words("ip -n " + router + " link set " + device + " up");
        Shell.words("ip -n " + to + " addr add " + subnet + ".2/24 dev eth0");
        Shell.words("ip -n " + to + " link set eth0 up");
        Shell.words("ip -n " + to + " route add default via " + subnet + ".1");
    }

    String router() {
        return router;
    }

    NetworkNamespace namespace() {
        return namespace;
    }

    String inRouter(String... command) {
        return Shell.in(router, command);
    }

    /** What it prints, whether it fails or not. */
    String tryInRouter(String... command) {
        return Shell.tryRun(Shell.inside(router, command));
    }

    /** @param what the client is to do @return who served */
    String ask(String what) {
        try {
            asking.getOutputStream().write((what + "\n").getBytes());
            asking.getOutputStream().flush();
            String answer = answers.readLine();
            assertNotNull(answer, "the client has ended");
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many flows the router's conntrack knows. */
    int tracked() {
        return Integer.parseInt(inRouter("cat", "/proc/sys/net/netfilter/nf_conntrack_count"));
    }

    @Override
    public void close() {
        Stream.of(serving, asking).filter(Objects::nonNull).forEach(Process::destroyForcibly);
        if (namespace != null) {
            namespace.close();
        }
        List.of(router, client, servers).forEach(name -> Shell.words("ip netns del " + name));
    }
}
