package dev.weft.mesh;

import dev.weft.api.ControlPorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** TCP ports that nobody has at the moment. */
public final class FreePort {

    private FreePort() {
    }

    public static int tcp() {
        return draw(1).getFirst();
    }

    /** A node's own ports, so that several nodes can be at one address. */
    public static ControlPorts control() {
        List<Integer> free = draw(5);
        return new ControlPorts(free.get(0), free.get(1), free.get(2), free.get(3), free.get(4));
    }

    /** Different ones, because all are held until the last is drawn. */
    private static List<Integer> draw(int count) {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            sockets.forEach(FreePort::release);
        }
    }

    private static void release(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
