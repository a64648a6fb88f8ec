package dev.weft.dpdk;

import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.UplinkKind;
import dev.weft.dpdk.underlay.VtepOwner;
import dev.weft.ffm.netlink.NetlinkSocket;
import dev.weft.ffm.rtnl.AddressTable;
import dev.weft.ffm.rtnl.InterfaceAddress;
import dev.weft.ffm.rtnl.Link;
import dev.weft.ffm.rtnl.LinkTable;
import java.util.List;
import java.util.Optional;

/**
 * What the configuration means by its uplink: a PCI address, a vdev ({@code net_...}), or an interface of the kernel, with a prefix that
 * says how it is to be driven or without.
 *
 * @param name         of the device
 * @param arguments    of a device, behind its name and a comma
 * @param kernel       the interface, when it is the kernel's
 * @param owner        who answers for the data-path address
 * @param tap          of a device: the kernel's interface that has the data-path address, when that is a tap
 */
record UplinkName(UplinkKind kind, String name, String arguments, Optional<Link> kernel, VtepOwner owner, Optional<Link> tap) {

    /** Of taps, among others. */
    private static final String TUN = "tun";

    /** Before the name of an interface that is to be read by packet sockets. */
    static final String AF_PACKET_PREFIX = "af_packet:";

    /**
     * Finds it, in the network namespace of the calling thread, and changes nothing.
     *
     * @throws WeftException.DataPathUnavailable if there is no such interface, or none with the data-path address
     */
    static UplinkName find(DataPathConfig config) {
        String vtep = config.vtep().getHostAddress();
        try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETLINK_ROUTE)) {
            List<InterfaceAddress> addresses = new AddressTable(socket).list();
            Optional<Integer> owner = addresses.stream().filter(address -> address.address().equals(config.vtep()))
                    .map(InterfaceAddress::link).findFirst();
            UplinkKind kind = config.uplink().map(UplinkKind::of).orElse(UplinkKind.INTERFACE);
            LinkTable links = new LinkTable(socket);
            if (kind == UplinkKind.PCI || kind == UplinkKind.VDEV) {
                return device(kind, config.uplink().get(), links.list().stream().filter(link -> owner.isPresent()
                        && link.index() == owner.get() && link.kind().equals(TUN)).findFirst());
            }
            Optional<String> named = config.uplink().map(uplink -> kind == UplinkKind.INTERFACE ? uplink : uplink.substring(uplink.indexOf(':') + 1));
            Link link = named.isPresent()
                    ? links.find(named.get()).orElseThrow(() -> new WeftException.DataPathUnavailable("there is no interface '"
                            + named.get() + "'; name one that exists, a PCI address, or a DPDK vdev (net_...)"))
                    : links.list().stream().filter(candidate -> owner.isPresent() && candidate.index() == owner.get()).findFirst()
                            .orElseThrow(() -> new WeftException.DataPathUnavailable("no interface has the data-path address " + vtep
                                    + "; add it to one, or name the uplink"));
            if (owner.isPresent() && owner.get() != link.index()) {
                throw new WeftException.DataPathUnavailable("the data-path address " + vtep + " is at another interface than "
                        + link.name() + "; name that one, or leave the uplink out");
            }
            return new UplinkName(kind, link.name(), "", Optional.of(link),
                    owner.isPresent() ? VtepOwner.KERNEL_BESIDE : VtepOwner.PIPELINE, Optional.empty());
        }
    }

    private static UplinkName device(UplinkKind kind, String uplink, Optional<Link> tap) {
        int comma = uplink.indexOf(',');
        return new UplinkName(kind, comma < 0 ? uplink : uplink.substring(0, comma), comma < 0 ? "" : uplink.substring(comma + 1),
                Optional.empty(), tap.isPresent() ? VtepOwner.KERNEL_BEHIND : VtepOwner.PIPELINE, tap);
    }

    boolean kernelHasVtep() {
        return owner != VtepOwner.PIPELINE;
    }
}
