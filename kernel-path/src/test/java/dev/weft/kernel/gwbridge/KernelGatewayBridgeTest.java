package dev.weft.kernel.gwbridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cidr;
import dev.weft.api.WeftException;
import dev.weft.api.path.EndpointId;
import dev.weft.testing.Shell;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who gets out by the bridge, and as whom. */
class KernelGatewayBridgeTest extends GatewayBridgeHosts {

    @Test
    void shouldLetEndpointsOutWithTheNodesAddressAndLeaveNothingBehind() {
        List<String> before = everything();
        try (KernelGatewayBridge bridge = bridge(SPEC)) {
            assertEquals(Map.of(), bridge.apply(both()));
            assertTrue(pings(one, OUTSIDE));
            assertEquals(NODE, seenOutside(one));
            assertTrue(pings(two, "172.29.0.1"), "the bridge's own address answers");
            assertTrue(isSilent(one, addressOf(two)), "icc is off");
            Shell.words("ip -n " + outside + " route add 172.29.0.0/16 via " + NODE);
            assertTrue(isSilent(outside, addressOf(one)), "nobody outside begins a connection to an endpoint");
            Shell.words("ip -n " + outside + " route del 172.29.0.0/16");
        }
        assertEquals(before, everything());
    }

    @Test
    void shouldShowTheEndpointsOwnAddressWithoutMasquerading() {
        Shell.words("ip -n " + outside + " route add 172.29.0.0/16 via " + NODE);
        try (KernelGatewayBridge bridge = bridge(SPEC.withMasquerade(false))) {
            assertEquals(Map.of(), bridge.apply(both()));
            assertEquals(addressOf(two), seenOutside(two));
        }
    }

    @Test
    void shouldLetEndpointsReachEachOtherWhenAsked() {
        try (KernelGatewayBridge bridge = bridge(SPEC.withIcc(true))) {
            assertEquals(Map.of(), bridge.apply(both()));
            assertTrue(pings(one, addressOf(two)));
        }
        try (KernelGatewayBridge bridge = bridge(SPEC.withIcc(false))) {
            assertEquals(Map.of(), bridge.apply(both()));
            // by way of the node's own stack, too
            Shell.words("ip -n " + one + " route add " + addressOf(two) + " via 172.29.0.1");
            assertTrue(isSilent(one, addressOf(two)));
            assertTrue(pings(one, OUTSIDE));
        }
    }

    @Test
    void shouldLeaveWithTheEndpointsOwnAddressOnly() {
        try (KernelGatewayBridge bridge = bridge(SPEC)) {
            assertEquals(Map.of(), bridge.apply(both()));
            Shell.words("ip -n " + one + " addr add 10.77.0.5/32 dev lo");
            assertTrue(isSilent(one, "-I", "10.77.0.5", OUTSIDE), "no address of the overlay leaves");
            assertTrue(pings(one, OUTSIDE));
        }
    }

    @Test
    void shouldGiveANamespaceOneInterfaceHoweverManyNetworksItIsIn() {
        try (KernelGatewayBridge bridge = bridge(SPEC)) {
            assertEquals(Map.of(), bridge.apply(List.of(wanted("a", 77, one), wanted("a", 78, "/run/netns/" + one))));
            assertEquals(1, Shell.words("ip -n " + one + " -br link show type veth").lines().count());
            assertEquals(Map.of(), bridge.apply(List.of(wanted("a", 78, "/run/netns/" + one))));
            assertTrue(pings(one, OUTSIDE));
        }
    }

    @Test
    void shouldLeaveADefaultRouteThatIsThereAlone() {
        Shell.words("ip -n " + one + " link add own type bridge");
        Shell.words("ip -n " + one + " link set own up");
        Shell.words("ip -n " + one + " route add default dev own");
        String before = Shell.words("ip -n " + one + " route");
        try (KernelGatewayBridge bridge = bridge(SPEC)) {
            assertEquals(Map.of(), bridge.apply(both()));
            assertEquals(before, Shell.words("ip -n " + one + " route"));
            assertEquals("", Shell.words("ip -n " + one + " -br link show type veth"));
            assertTrue(pings(two, OUTSIDE));
        }
    }

    @Test
    void shouldSayWhichNamespaceIsNotThere() {
        try (KernelGatewayBridge bridge = bridge(SPEC.withSubnet(Cidr.parse("192.168.9.0/29")))) {
            Map<EndpointId, WeftException> failed = bridge.apply(List.of(wanted("a", 77, id + "-nowhere"), wanted("b", 77, two)));
            assertEquals("[a@77]", failed.keySet().toString());
            assertInstanceOf(WeftException.NotFound.class, failed.values().iterator().next());
            assertTrue(pings(two, OUTSIDE));
        }
    }
}
