package dev.weft.dpdk;

import dev.weft.api.WeftException;
import dev.weft.dpdk.underlay.OverlayProgram;
import dev.weft.ffm.libc.XdpLink;
import dev.weft.ffm.netlink.NetlinkException;
import dev.weft.ffm.netlink.NetlinkSocket;
import dev.weft.ffm.rtnl.Link;
import dev.weft.ffm.rtnl.XdpAttachment;
import java.util.OptionalInt;

/**
 * The place for an XDP program at an interface. DPDK attaches one by netlink, and it would stay when the process is killed; so its
 * attachment is replaced by a link, which goes with the process. All in the network namespace of the calling thread.
 * <pre>
 * empty --DPDK--> attached by netlink --take()--> empty, the program held --attach()--> attached by a link --closed, or killed--> empty
 *                      | killed
 *                      +--> left behind --clear()--> empty
 * </pre>
 */
final class XdpHook {

    private XdpHook() {
    }

    /**
     * Removes what a node left behind that was killed while it started.
     *
     * @throws WeftException.DataPathUnavailable if there is another's program
     */
    static void clear(Link link) {
        try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETLINK_ROUTE)) {
            XdpAttachment attachment = new XdpAttachment(socket);
            OptionalInt found = attachment.program(link.index());
            if (found.isEmpty()) {
                return;
            }
            boolean ours;
            try (XdpLink.Program program = program(link, found.getAsInt())) {
                ours = program.name().equals(OverlayProgram.NAME);
            }
            if (!ours) {
                throw taken(link, found.getAsInt());
            }
            attachment.detach(link.index());
        } catch (NetlinkException e) {
            throw new WeftException.DataPathUnavailable("another node of Weft has its program at " + link.name() + " (" + e.getMessage() + ")", e);
        }
    }

    /** The program that DPDK has just attached, detached; until it is attached again the kernel gets the packets. */
    static XdpLink.Program take(Link link) {
        try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETLINK_ROUTE)) {
            XdpAttachment attachment = new XdpAttachment(socket);
            int attached = attachment.program(link.index()).orElseThrow(() -> new WeftException.DataPathUnavailable("DPDK attached no XDP program to "
                    + link.name()));
            XdpLink.Program program = program(link, attached);
            try {
                attachment.detach(link.index());
                return program;
            } catch (RuntimeException e) {
                program.close();
                throw e;
            }
        } catch (NetlinkException e) {
            throw new WeftException.DataPathUnavailable("cannot take over the XDP program of " + link.name() + ": " + e.getMessage(), e);
        }
    }

    private static XdpLink.Program program(Link link, int id) {
        return XdpLink.Program.of(id).orElseThrow(() -> new WeftException.PrivilegeMissing("cannot look at XDP program " + id + " of " + link.name()
                + "; AF_XDP needs CAP_SYS_ADMIN, or name the uplink " + UplinkName.AF_PACKET_PREFIX + link.name()));
    }

    private static WeftException taken(Link link, int id) {
        return new WeftException.DataPathUnavailable(link.name() + " has an XDP program of somebody else's, number " + id + "; detach it"
                + " (ip link set dev " + link.name() + " xdp off), or name the uplink " + UplinkName.AF_PACKET_PREFIX + link.name());
    }
}
