package dev.weft.dpdk;

import dev.weft.api.WeftException;
import dev.weft.dpdk.port.PacketPool;
import dev.weft.dpdk.port.TapPort;
import dev.weft.ffm.dpdk.EthDev;
import dev.weft.ffm.libc.TapDevice;
import dev.weft.ffm.netlink.NetlinkException;
import dev.weft.ffm.netlink.NetlinkSocket;
import dev.weft.ffm.rtnl.Link;
import dev.weft.ffm.rtnl.LinkTable;

/**
 * How a kernel takes part in a device that DPDK has for itself: by a persistent tap that has the data-path address. To the kernel it is that
 * device, with its MAC; only the overlay's packets never come to it ({@link dev.weft.dpdk.underlay.Punt}).
 */
final class KernelTap implements AutoCloseable {

    private static final String NAME = "kernel";

    private final Link link;
    private final TapDevice tap;

    private KernelTap(Link link, TapDevice tap) {
        this.link = link;
        this.tap = tap;
    }

    /** In the namespace of the tap. */
    static KernelTap attach(Link link) {
        return new KernelTap(link, TapDevice.attachWithOffloads(link.name()));
    }

    /** In the namespace of the tap: makes it what the device is, and its other end a port. The port takes the tap over. */
    TapPort port(EthDev device, PacketPool pool) {
        try (NetlinkSocket netlink = NetlinkSocket.open(NetlinkSocket.NETLINK_ROUTE)) {
            LinkTable links = new LinkTable(netlink);
            links.setMac(link, device.mac());
            if (link.mtu() > device.mtu()) {
                links.setMtu(link, device.mtu());
            }
            links.up(link);
        } catch (NetlinkException e) {
            throw new WeftException.DataPathFailed("the tap '" + link.name() + "' cannot be what " + device.name() + " is: " + e.getMessage(), e);
        }
        return new TapPort(NAME, pool, tap);
    }

    @Override
    public void close() {
        tap.close();
    }
}
