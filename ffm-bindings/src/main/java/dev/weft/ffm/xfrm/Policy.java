package dev.weft.ffm.xfrm;

import java.net.InetAddress;

/**
 * What has to happen to UDP from one place to another.
 *
 * @param source          an address, or the unspecified one of its family for any
 * @param destination     likewise
 * @param sourcePort      0: any
 * @param destinationPort 0: any
 * @param priority        of two that match, the one with the smaller number counts
 * @param reqid           for {@link Action#ESP}: of the SA that the packet must have; 0: of any
 */
public record Policy(Direction direction, InetAddress source, InetAddress destination, int sourcePort, int destinationPort, int priority,
                     Action action, int reqid) {

    /** Which way, in the kernel's numbers. */
    public enum Direction {
        IN, OUT
    }

    /** What a packet that matches needs. */
    public enum Action {
        /** ESP in transport mode. Without an SA it is dropped. */
        ESP,
        /** Nothing; it may have ESP nevertheless. */
        ALLOW,
        /** It is dropped. */
        BLOCK
    }
}
