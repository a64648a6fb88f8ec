package dev.weft.dpdk.underlay;

import dev.weft.api.Cidr;
import dev.weft.api.WeftException;
import dev.weft.dpdk.underlay.RouteTable.Route;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The kernel's routes over one interface, from /proc/net/route and /proc/net/ipv6_route (include/uapi/linux/route.h has the
 * flags). Reading them takes no privilege; they show the network namespace of the calling thread.
 */
public final class KernelRoutes {

    private static final Path NET = Path.of("/proc/thread-self/net");

    private static final int RTF_UP = 0x1;
    private static final int RTF_GATEWAY = 0x2;
    private static final int RTF_REJECT = 0x200;
    /** Of the local table: the host's own addresses. */
    private static final int RTF_LOCAL = 0x8000_0000;

    private static final int IPV4_FIELDS = 8;
    private static final int IPV6_FIELDS = 10;

    private KernelRoutes() {
    }

    /**
     * Reads the routes of both families.
     *
     * @param interfaceName in the namespace of the calling thread
     * @throws WeftException.DataPathFailed if the files cannot be read
     */
    public static RouteTable of(String interfaceName) {
        return parse(lines("route"), lines("ipv6_route"), interfaceName);
    }

    private static List<String> lines(String file) {
        try {
            return Files.readAllLines(NET.resolve(file));
        } catch (NoSuchFileException _) {
            // A kernel without IPv6 has no ipv6_route.
            return List.of();
        } catch (IOException e) {
            throw new WeftException.DataPathFailed("cannot read the kernel's routes from " + NET.resolve(file) + ": " + e.getMessage(), e);
        }
    }

    static RouteTable parse(List<String> ipv4, List<String> ipv6, String interfaceName) {
        List<Route> routes = new ArrayList<>();
        // The first line of the IPv4 file is a heading.
        ipv4.stream().skip(1).map(line -> line.trim().split("\\s+"))
                .filter(fields -> fields.length >= IPV4_FIELDS && fields[0].equals(interfaceName))
                .map(KernelRoutes::ipv4).flatMap(Optional::stream).forEach(routes::add);
        ipv6.stream().map(line -> line.trim().split("\\s+"))
                .filter(fields -> fields.length >= IPV6_FIELDS && fields[9].equals(interfaceName))
                .map(KernelRoutes::ipv6).flatMap(Optional::stream).forEach(routes::add);
        return new RouteTable(routes);
    }

    /** Iface, destination, gateway, flags, reference count, use, metric, mask: addresses as the host's int. */
    private static Optional<Route> ipv4(String[] fields) {
        int flags = Integer.parseUnsignedInt(fields[3], 16);
        if ((flags & RTF_UP) == 0 || (flags & RTF_REJECT) != 0) {
            return Optional.empty();
        }
        int prefixLength = Integer.bitCount(Integer.parseUnsignedInt(fields[7], 16));
        return Optional.of(new Route(new Cidr(ipv4Address(fields[1]), prefixLength),
                (flags & RTF_GATEWAY) != 0 ? Optional.of(ipv4Address(fields[2])) : Optional.empty(), Long.parseLong(fields[6])));
    }

    /** Destination, prefix length, source, its length, next hop, metric, reference count, use, flags, iface. */
    private static Optional<Route> ipv6(String[] fields) {
        int flags = Integer.parseUnsignedInt(fields[8], 16);
        InetAddress destination = address(HexFormat.of().parseHex(fields[0]));
        if ((flags & RTF_UP) == 0 || (flags & (RTF_REJECT | RTF_LOCAL)) != 0 || destination.isMulticastAddress()) {
            return Optional.empty();
        }
        return Optional.of(new Route(new Cidr(destination, Integer.parseInt(fields[1], 16)),
                (flags & RTF_GATEWAY) != 0 ? Optional.of(address(HexFormat.of().parseHex(fields[4]))) : Optional.empty(),
                Long.parseLong(fields[5], 16)));
    }

    private static InetAddress ipv4Address(String hostOrder) {
        return address(ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(Integer.parseUnsignedInt(hostOrder, 16)).array());
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are always an address", e);
        }
    }
}
