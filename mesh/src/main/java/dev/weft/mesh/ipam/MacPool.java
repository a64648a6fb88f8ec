package dev.weft.mesh.ipam;

import dev.weft.api.MacAddress;
import dev.weft.api.path.NetworkState;
import java.util.random.RandomGenerator;

/** MAC addresses for endpoints: {@code 02} (locally administered, unicast; IEEE 802-2014, 8.4) and 40 random bits. */
public final class MacPool {

    private static final long LOCALLY_ADMINISTERED = 0x0200_0000_0000L;
    private static final int RANDOM_BITS = 40;
    private static final int VNI_BITS = 24;

    private MacPool() {
    }

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
