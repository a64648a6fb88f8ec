package dev.weft.dpdk.port;

import dev.weft.api.WeftException;
import dev.weft.ffm.netlink.NetlinkSocket;
import dev.weft.ffm.rtnl.AddressTable;
import dev.weft.ffm.rtnl.Link;
import dev.weft.ffm.rtnl.LinkTable;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Comparator;
import java.util.Optional;

/**
 * The interface that has the data-path address.
 *
 * @param name of the interface
 * @param mtu  in bytes, at most {@link #MAX_MTU}
 */
public record SocketInterface(String name, int mtu) {

    /** Jumbo frames. A loopback interface says 65536, which would take packet buffers of that size. */
    public static final int MAX_MTU = 9216;

    /**
     * Finds it, in the network namespace of the calling thread.
     *
     * @throws WeftException.DataPathUnavailable if no interface has the address
     */
    public static SocketInterface of(InetAddress address) {
        return find(address).map(found -> new SocketInterface(found.name, Math.min(found.mtu, MAX_MTU)))
                .orElseThrow(() -> new WeftException.DataPathUnavailable(
                        "no interface has the data-path address " + address.getHostAddress() + "; take an address of this machine"));
    }

    /** The JDK reads IPv6 addresses from /proc/net, which shows the namespace of the process and not of the thread. */
    private static Optional<SocketInterface> find(InetAddress address) {
        if (System.getProperty("os.name").equals("Linux")) {
            try {
                return byNetlink(address);
            } catch (IllegalCallerException | LinkageError _) {
                // Native access is denied to this module (--illegal-native-access=deny).
            }
        }
        return byJdk(address);
    }

    private static Optional<SocketInterface> byNetlink(InetAddress address) {
        try (NetlinkSocket netlink = NetlinkSocket.open(NetlinkSocket.NETLINK_ROUTE)) {
            return new AddressTable(netlink).list().stream().filter(each -> isThere(address, each.address())).findFirst()
                    .flatMap(each -> new LinkTable(netlink).list().stream().filter((Link link) -> link.index() == each.link()).findFirst())
                    .map(link -> new SocketInterface(link.name(), link.mtu()));
        }
    }

    /** All of 127.0.0.0/8 belongs to the loopback interface, which lists one address of it. */
    private static boolean isThere(InetAddress wanted, InetAddress listed) {
        return listed.equals(wanted) || wanted.isLoopbackAddress() && listed.isLoopbackAddress();
    }

    private static Optional<SocketInterface> byJdk(InetAddress address) {
        try {
            Optional<NetworkInterface> found = NetworkInterface.networkInterfaces()
                    .filter(each -> each.getInterfaceAddresses().stream().map(InterfaceAddress::getAddress)
                            .anyMatch(listed -> isThere(address, listed)))
                    .min(Comparator.comparing(NetworkInterface::getIndex));
            return found.isEmpty() ? Optional.empty() : Optional.of(new SocketInterface(found.get().getName(), found.get().getMTU()));
        } catch (SocketException e) {
            throw new WeftException.DataPathUnavailable("cannot read this machine's interfaces: " + e.getMessage(), e);
        }
    }
}
