package dev.weft.mesh;

import dev.weft.api.ControlPorts;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Ports that nobody has at the moment. */
public final class FreePort {

    private static final int FIRST = 10_000;
    /** From here on the kernel takes ports for outgoing connections, and somebody else's may be where a server wants to come back. */
    private static final int FIRST_EPHEMERAL = 32_768;

    private FreePort() {
    }

    public static int tcp() {
        return draw(1).getFirst();
    }

    /** Nobody's as TCP port nor as UDP port. */
    public static int udp() {
        return draw(1).getFirst();
    }

    /** A node's own ports, so that several nodes can be at one address. */
    public static ControlPorts control() {
        List<Integer> free = draw(5);
        return new ControlPorts(free.get(0), free.get(1), free.get(2), free.get(3), free.get(4));
    }

    private static List<Integer> draw(int count) {
        List<Integer> free = new ArrayList<>();
        while (free.size() < count) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, FIRST_EPHEMERAL);
            if (!free.contains(port) && isFree(port)) {
                free.add(port);
            }
        }
        return free;
    }

    private static boolean isFree(int port) {
        try (ServerSocket probe = new ServerSocket(port); DatagramSocket datagrams = new DatagramSocket(port)) {
            return probe.isBound() && datagrams.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
