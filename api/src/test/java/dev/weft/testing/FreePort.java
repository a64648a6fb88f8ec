package dev.weft.testing;

import dev.weft.api.ControlPorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * Ports that nobody has at the moment, each given once. The kernel is asked who has which: a socket that tries a port out may have it for a while
 * after its end, for a process that is being started (by another thread: surefire starts one now and then) has it as well until it runs.
 */
public final class FreePort {

    private static final int FIRST = 10_000;
    /** From here on the kernel takes ports for outgoing connections, and somebody else's may be where a server wants to come back. */
    private static final int FIRST_EPHEMERAL = 32_768;
    /** Of the calling thread's network namespace. */
    private static final Path SOCKETS = Path.of("/proc/thread-self/net");
    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    private FreePort() {
    }

    public static int tcp() {
        return draw();
    }

    /** Nobody's as TCP port nor as UDP port. */
    public static int udp() {
        return draw();
    }

    /** A node's own ports, so that several nodes can be at one address. */
    public static ControlPorts control() {
        return new ControlPorts(draw(), draw(), draw(), draw(), draw());
    }

    private static int draw() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, FIRST_EPHEMERAL);
            if (GIVEN.add(port) && isFree(port)) {
                return port;
            }
        }
    }

    private static boolean isFree(int port) {
        String text = String.format(":%04X", port);
        return Stream.of("tcp", "tcp6", "udp", "udp6").map(SOCKETS::resolve).filter(Files::exists).flatMap(FreePort::lines)
                .noneMatch(line -> line.strip().split(" +")[1].endsWith(text));
    }

    private static Stream<String> lines(Path sockets) {
        try {
            List<String> lines = Files.readAllLines(sockets);
            return lines.subList(1, lines.size()).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
