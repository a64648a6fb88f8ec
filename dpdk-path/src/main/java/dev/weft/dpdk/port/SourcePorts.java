package dev.weft.dpdk.port;

/**
 * RFC 7348, 5 wants outer source ports that differ by inner flow, so that routers spread the flows over their links. A socket has
 * one port, so there are several to send from; the one that receives on the overlay's port sends nothing.
 */
final class SourcePorts {

    /** A power of two. */
    static final int COUNT = 16;

    private SourcePorts() {
    }

    /** 0 to {@link #COUNT} - 1, the same for all packets of a flow. */
    static int of(int flowHash) {
        return (flowHash ^ flowHash >>> 16) & COUNT - 1;
    }
}
