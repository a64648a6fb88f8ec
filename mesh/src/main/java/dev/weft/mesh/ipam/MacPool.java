package dev.weft.mesh.ipam;

import dev.weft.api.MacAddress;
import dev.weft.api.path.NetworkState;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;

/**
 * MAC addresses for endpoints, locally administered and unicast (IEEE 802-2014, 8.4).
 *
 * <p>An endpoint's MAC follows from its address: whoever gets an address after another one gets the same MAC too, so that a
 * neighbour whose ARP cache still holds the former owner reaches the new one at once.
 */
public final class MacPool {

    private static final long LOCALLY_ADMINISTERED = 0x0200_0000_0000L;
    private static final long OF_IPV4 = 0x0242_0000_0000L;
    private static final long OF_IPV6 = 0x0246_0000_0000L;
    private static final int RANDOM_BITS = 40;
    private static final int VNI_BITS = 24;

    private MacPool() {
    }

    /** {@code 02:42} and the IPv4 address; without one {@code 02:46} and 32 bits of checksum of the IPv6 address. */
    public static MacAddress of(List<InetAddress> addresses) {
        for (InetAddress address : addresses) {
            if (address instanceof Inet4Address) {
                return new MacAddress(OF_IPV4 | Integer.toUnsignedLong(ByteBuffer.wrap(address.getAddress()).getInt()));
            }
        }
        CRC32 checksum = new CRC32();
        checksum.update(addresses.getFirst().getAddress());
        return new MacAddress(OF_IPV6 | checksum.getValue());
    }

    /** For one whose own MAC has been given to somebody who asked for it. */
    public static MacAddress draw(RandomGenerator random) {
        MacAddress mac;
        do {
            mac = new MacAddress(LOCALLY_ADMINISTERED | random.nextLong(1L << RANDOM_BITS));
        } while (isGateway(mac));
        return mac;
    }

    /** Whether it is the gateway's in some network. */
    public static boolean isGateway(MacAddress mac) {
        return mac.value() >> VNI_BITS == NetworkState.gatewayMacOf(0).value() >> VNI_BITS;
    }
}
