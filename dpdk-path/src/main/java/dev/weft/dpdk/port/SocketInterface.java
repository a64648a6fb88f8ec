package dev.weft.dpdk.port;

import dev.weft.api.WeftException;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Comparator;
import java.util.Optional;

/**
 * The interface that has the data-path address, as the JDK sees it on any operating system.
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
        try {
            NetworkInterface found = bound(address).orElseThrow(() -> new WeftException.DataPathUnavailable(
                    "no interface has the data-path address " + address.getHostAddress() + "; take an address of this machine"));
            return new SocketInterface(found.getName(), Math.min(found.getMTU(), MAX_MTU));
        } catch (SocketException e) {
            throw new WeftException.DataPathUnavailable("cannot read this machine's interfaces: " + e.getMessage(), e);
        }
    }

    /** All of 127.0.0.0/8 belongs to the loopback interface, which lists one address of it. */
    private static Optional<NetworkInterface> bound(InetAddress address) throws SocketException {
        NetworkInterface exact = NetworkInterface.getByInetAddress(address);
        if (exact != null || !address.isLoopbackAddress()) {
            return Optional.ofNullable(exact);
        }
        return NetworkInterface.networkInterfaces()
                .filter(candidate -> candidate.getInterfaceAddresses().stream().map(InterfaceAddress::getAddress)
                        .anyMatch(InetAddress::isLoopbackAddress))
                .min(Comparator.comparing(NetworkInterface::getIndex));
    }
}
