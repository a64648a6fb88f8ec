package dev.weft.dpdk.underlay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The lines are those of a Linux 6.18 on a little-endian machine. */
class KernelRoutesTest {

    private static final List<String> IPV4 = List.of(
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
            "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0",
            "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0",
            "eth0\t006433C6\tFD0200C0\t0003\t0\t0\t200\t00FFFFFF\t0\t0\t0",
            "eth0\t006433C6\tFE0200C0\t0003\t0\t0\t100\t00FFFFFF\t0\t0\t0",
            "eth0\t007100CB\t00000000\t0200\t0\t0\t0\t00FFFFFF\t0\t0\t0",
            "eth1\t00000000\tFE3364C6\t0003\t0\t0\t0\t00000000\t0\t0\t0");

    private static final List<String> IPV6 = List.of(
            "fd000000000000000000000000000000 40 00000000000000000000000000000000 00 "
                    + "00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0",
            "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
                    + "fd000000000000000000000000000001 00000400 00000002 00000000 00000003     eth0",
            "fd000000000000000000000000000002 80 00000000000000000000000000000000 00 "
                    + "00000000000000000000000000000000 00000000 00000003 00000000 80200001     eth0",
            "ff000000000000000000000000000000 08 00000000000000000000000000000000 00 "
                    + "00000000000000000000000000000000 00000100 00000003 00000000 00000001     eth0",
            "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
                    + "00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo");

    private final RouteTable routes = KernelRoutes.parse(IPV4, IPV6, "eth0");

    @Test
    void shouldReachTheSubnetDirectly() {
        assertNextHop("192.0.2.77", "192.0.2.77");
        assertNextHop("fd00::77", "fd00::77");
    }

    @Test
    void shouldReachTheRestThroughTheDefaultGateway() {
        assertNextHop("192.0.2.1", "8.8.8.8");
        assertNextHop("fd00::1", "2001:db8::1");
    }

    @Test
    void shouldPreferTheLongestPrefixAndThenTheBetterMetric() {
        assertNextHop("192.0.2.254", "198.51.100.7");
    }

    @Test
    void shouldLeaveOutRejectingLocalAndMulticastRoutes() {
        assertEquals(List.of("fd00:0:0:0:0:0:0:0/64", "192.0.2.0/24", "198.51.100.0/24", "198.51.100.0/24", "0.0.0.0/0", "0:0:0:0:0:0:0:0/0"),
                routes.routes().stream().map(route -> route.destination().toString()).toList());
    }

    @Test
    void shouldKnowNoRoutesOfAnInterfaceThatDoesNotExist() {
        assertEquals(RouteTable.ON_LINK, KernelRoutes.of("weft-no-such-if"));
    }

    private void assertNextHop(String expected, String target) {
        assertEquals(InetAddress.ofLiteral(expected), routes.nextHop(InetAddress.ofLiteral(target)));
    }
}
