package dev.weft.kernel.gwbridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cidr;
import dev.weft.api.GatewayBridgeSpec;
import dev.weft.api.WeftException;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.GatewayBridge.Wanted;
import dev.weft.testing.Shell;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which bridge it is, with which subnet; and how it is found again, put right, moved and removed. */
class GatewayBridgeLifeTest extends GatewayBridgeHosts {

    @Test
    void shouldTakeABridgeThatIsThereAsItIs() {
        Shell.words("ip -n " + node + " link add weft_gwbridge address 02:11:22:33:44:55 type bridge");
        Shell.words("ip -n " + node + " addr add 192.168.77.9/24 dev weft_gwbridge");
        Shell.words("ip -n " + node + " link set weft_gwbridge up");
        List<String> before = everything();
        try (KernelGatewayBridge bridge = bridge(GatewayBridgeSpec.DEFAULT)) {
            assertEquals(Map.of(), bridge.apply(both()));
            assertEquals("192.168.77.254", addressOf(one));
            assertEquals("default via 192.168.77.9 dev weftgw proto static", Shell.words("ip -n " + one + " route show default").strip());
            assertTrue(pings(one, OUTSIDE));
            assertTrue(Shell.words("ip -n " + node + " -br link show weft_gwbridge").contains("02:11:22:33:44:55"));
        }
        assertEquals(before, everything());
    }

    @Test
    void shouldRefuseAnInterfaceThatIsNoBridgeAndABridgeWithoutASubnet() {
        Shell.words("ip -n " + node + " link add bare type bridge");
        for (String name : List.of("up0", "bare")) {
            try (KernelGatewayBridge bridge = bridge(GatewayBridgeSpec.DEFAULT.withName(name))) {
                Map<EndpointId, WeftException> failed = bridge.apply(both());
                assertEquals(2, failed.size());
                failed.values().forEach(reason -> assertInstanceOf(WeftException.InvalidSpec.class, reason));
            }
        }
        assertEquals("", Shell.words("ip -n " + one + " -br link show type veth"));
    }

    @Test
    void shouldTakeUpAgainWhatAKilledProcessLeftAndRemoveWhatNobodyWants() {
        List<String> before = everything();
        bridge(SPEC).apply(both()); // is never closed
        List<String> left = everything();
        try (KernelGatewayBridge again = bridge(SPEC)) {
            assertEquals(Map.of(), again.apply(both()));
            assertEquals(left, everything());
            String interfaces = Shell.words("ip -n " + one + " -br link show weftgw");
            assertEquals(Map.of(), again.apply(List.of(wanted("a", 77, one))));
            assertEquals(interfaces, Shell.words("ip -n " + one + " -br link show weftgw"), "the same interface");
            assertEquals("", Shell.words("ip -n " + two + " -br link show type veth"));
        }
        assertEquals(before, everything());
        bridge(SPEC).apply(both());
        try (KernelGatewayBridge again = bridge(GatewayBridgeSpec.DEFAULT)) {
            assertEquals(Map.of(), again.apply(List.of()));
            assertEquals(before, everything());
        }
    }

    @Test
    void shouldPutRightWhatSomebodyElseChanged() {
        try (KernelGatewayBridge bridge = bridge(SPEC)) {
            assertEquals(Map.of(), bridge.apply(both()));
            List<String> made = everything();
            Shell.words("ip -n " + one + " route del default");
            Shell.words("ip -n " + two + " link del weftgw");
            Shell.in(node, "nft", "flush", "ruleset");
            assertEquals(Map.of(), bridge.apply(both()));
            assertEquals(made, everything());

            assertEquals(Map.of(), bridge.apply(List.of(wanted("a", 77, one))));
            Shell.words("ip -n " + node + " link del weft_gwbridge");
            assertEquals(Map.of(), bridge.apply(both()), "a change that meets another bridge looks at everything");
            assertEquals(made, everything());
            assertTrue(pings(one, OUTSIDE) && pings(two, OUTSIDE));
        }
    }

    @Test
    void shouldSayOfAnAuditThatAnEndpointHasLostItsWayOut() {
        try (KernelGatewayBridge bridge = bridge(SPEC)) {
            assertEquals(Map.of(), bridge.apply(both()));
            bridge.audit();
            Shell.words("ip -n " + node + " link del weft_gwbridge");
            Shell.words("ip -n " + node + " link add weft_gwbridge type veth peer name other");
            assertThrows(WeftException.InvalidSpec.class, bridge::audit);

            Shell.words("ip -n " + node + " link del weft_gwbridge");
            bridge.audit();

            assertTrue(pings(one, OUTSIDE) && pings(two, OUTSIDE));
        }
    }

    @Test
    void shouldMoveItsOwnBridgeToAnotherSubnet() {
        bridge(SPEC).apply(both());
        try (KernelGatewayBridge again = bridge(SPEC.withSubnet(Cidr.parse("192.168.9.0/29")))) {
            assertEquals(Map.of(), again.apply(both()));
            assertEquals("192.168.9.2", addressOf(one));
            assertTrue(pings(one, OUTSIDE));
        }
    }

    @Test
    void shouldChooseASubnetThatMeetsNoRouteAndNoNetwork() {
        Shell.words("ip -n " + node + " route add 172.18.0.0/16 via " + OUTSIDE);
        Wanted near = wanted("a", 77, one);
        Wanted far = new Wanted(wanted("b", 78, two).endpoint(), "near", List.of(Cidr.parse("172.19.5.0/24")));
        try (KernelGatewayBridge bridge = bridge(GatewayBridgeSpec.DEFAULT)) {
            assertEquals(Map.of(), bridge.apply(List.of(near, far)));
            assertEquals("172.20.0.2", addressOf(one));
        }
        try (KernelGatewayBridge bridge = bridge(GatewayBridgeSpec.DEFAULT.withSubnet(Cidr.parse("172.19.0.0/16")))) {
            Map<EndpointId, WeftException> failed = bridge.apply(List.of(near, far));
            assertEquals("[b@78]", failed.keySet().toString());
            assertTrue(failed.values().iterator().next().getMessage().contains("overlaps 172.19.0.0/16"), failed.toString());
            assertEquals("", Shell.words("ip -n " + two + " -br link show type veth"));
            assertTrue(pings(one, OUTSIDE));
        }
    }
}
