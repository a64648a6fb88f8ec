package dev.weft.api.path;

import dev.weft.api.FrameChannel;
import java.net.InetAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;

/**
 * How the node itself serves the endpoints of a network at its gateway addresses, which are the same on every node and answered by
 * each for its own endpoints. One service: names, at port {@link #NAMES}. The data path only carries it.
 */
public sealed interface Gateway {

    /** RFC 1035, 4.2: UDP and TCP. */
    int NAMES = 53;

    /**
     * What endpoints of this node sent to the gateways by UDP or TCP to that port, as frames (whose headers are whole; their
     * transport checksum is not verified). What is sent has the gateway's MAC and address as its source.
     *
     * @param channel the same object as long as the gateway is the same
     */
    record Frames(FrameChannel channel) implements Gateway {
    }

    /** The gateway addresses are the kernel's, somewhere else than in the node's own network namespace: sockets are made there. */
    non-sealed interface Sockets extends Gateway {

        /** @throws dev.weft.api.WeftException.PortInUse if somebody else has the port */
        DatagramChannel datagrams(InetAddress gateway, int port);

        /** @throws dev.weft.api.WeftException.PortInUse if somebody else has the port */
        ServerSocketChannel connections(InetAddress gateway, int port);
    }
}
