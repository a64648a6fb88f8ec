package dev.weft.dpdk;

import dev.weft.dpdk.pipeline.PollerThread;
import dev.weft.dpdk.port.PacketPool;
import dev.weft.dpdk.port.Port;
import dev.weft.dpdk.underlay.RouteTable;
import dev.weft.dpdk.underlay.Underlay;
import java.util.List;
import java.util.Optional;

/**
 * What a data path reaches the other nodes by, opened: here the user-space paths differ.
 *
 * @param port       closed by the poller
 * @param kernel     the way to a kernel that gets what is not the overlay's from the pipeline; its ports are closed by the poller
 * @param pool       the buffers of all ports of the data path; closed after the poller has ended
 * @param mtu        bytes of an IP packet
 * @param ethernet   what the pipeline has to know when the port is a device; empty when it is a socket
 * @param entry      what the poller's thread does first and last
 * @param release    frees the rest, last
 * @param clearOnly  why no encrypted packets can come or go by it; empty: they can
 * @param properties what it says of itself, as {@code key=value}
 */
record Uplink(Port port, Optional<KernelSide> kernel, PacketPool pool, int mtu, Optional<Ethernet> ethernet, PollerThread.ThreadEntry entry,
              Runnable release, Optional<String> clearOnly, List<String> properties) {

    /** Our own side of an Ethernet underlay, and the way to the others. */
    record Ethernet(Underlay underlay, RouteTable routes) {
    }
}
