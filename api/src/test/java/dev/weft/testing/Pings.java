package dev.weft.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HexFormat;

/**
 * Echo requests of which none may be lost. ping does not say that: it waits for the last answer twice as long as for the slowest before it, which
 * is 2 ms where nothing happens; and with a deadline it sends more than it was asked to. Here the last answer has a minute, as all the others.
 */
public final class Pings {

    /** What ping sends. */
    private static final int USUAL_BYTES = 56;
    private static final int UNTIL_TOLD = 0;

    /** Arguments: address; how many, or 0 for as many as there are until its input ends; seconds between two; payload in hexadecimal. */
    private static final String SCRIPT = """
            import os, select, socket, struct, sys, time
            to, count, interval, payload = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), bytes.fromhex(sys.argv[4])
            six = ':' in to
            s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, 58) if six else socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)
            s.setsockopt(1, 33, 1 << 22) # RCVBUFFORCE: of no answer that came one is lost here
            s.setsockopt(*((41, 23, 2) if six else (0, 10, 2))) # MTU_DISCOVER: DO
            s.connect((to, 0))
            asks, answers, own = *((128, 129) if six else (8, 0)), os.getpid() & 0xffff
            def packet(number):
                m = struct.pack('>BBHHH', asks, 0, 0, own, number) + payload
                t = sum(struct.unpack('>%dH' % ((len(m) + 1) // 2), m + bytes(len(m) % 2)))
                while t >> 16: t = (t & 0xffff) + (t >> 16)
                return m[:2] + struct.pack('>H', t ^ 0xffff) + m[4:] # in ICMPv6 the kernel writes it
            sent, waiting, errors, due, end = 0, set(), set(), 0, None
            while end is None or waiting and time.monotonic() < end:
                now = time.monotonic()
                if end is None and now >= due:
                    waiting.add(sent & 0xffff); due = now + interval
                    try: s.send(packet(sent & 0xffff))
                    except OSError as e: errors.add(str(e))
                    sent += 1
                    if sent == count: end = now + 60
                ready = select.select([s] if count or end else [s, sys.stdin], [], [], max(0, (end or due) - now))[0]
                if sys.stdin in ready: end = now + 60
                if s in ready:
                    try:
                        d = s.recv(65536); d = d if six else d[(d[0] & 15) * 4:]
                        kind, _, _, of, number = struct.unpack('>BBHHH', d[:8])
                        if kind == answers and of == own: waiting.discard(number)
                    except OSError as e: errors.add(str(e))
            print(sent, 'sent, lost', sorted(waiting), *errors)
            """;

    private final Process process;

    private Pings(String namespace, String to, int count, double seconds, byte[] payload) {
        process = Shell.startIn(namespace, "python3", "-c", SCRIPT, to, "" + count, "" + seconds, HexFormat.of().formatHex(payload));
    }

    /** So many, in the background. @param seconds between two */
    public static Pings start(String namespace, String to, int count, double seconds) {
        return new Pings(namespace, to, count, seconds, new byte[USUAL_BYTES]);
    }

    /** As many as there are until {@link #assertNoneLost}, in the background. */
    public static Pings start(String namespace, String to, double seconds) {
        return start(namespace, to, UNTIL_TOLD, seconds);
    }

    public static void assertNoneLost(String namespace, String to, int count, double seconds) {
        start(namespace, to, count, seconds).assertNoneLost();
    }

    /** @param payload of each, behind the header of 8 bytes */
    public static void assertNoneLost(String namespace, String to, int count, double seconds, byte[] payload) {
        new Pings(namespace, to, count, seconds, payload).assertNoneLost();
    }

    /** Sends no more, unless a number was asked for, and waits for the answers that are under way. @return how many were sent */
    public int assertNoneLost() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String told = Shell.output(process);
        assertTrue(told.endsWith(" sent, lost []"), told);
        return Integer.parseInt(told.split(" ")[0]);
    }
}
