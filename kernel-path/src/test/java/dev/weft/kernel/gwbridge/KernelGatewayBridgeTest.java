package dev.weft.kernel.gwbridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.GatewayBridgeSpec;
import dev.weft.api.MacAddress;
import dev.weft.api.PipelineSpec;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.GatewayBridge.Wanted;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.testing.Shell;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A host outside, a node and two containers at it, each a network namespace. The kernel's own echo and TCP are what gets out. */
@Tag("privileged")
class KernelGatewayBridgeTest {

    private static final GatewayBridgeSpec SPEC = GatewayBridgeSpec.DEFAULT.withSubnet(Cidr.parse("172.29.0.0/16"));
    private static final String OUTSIDE = "198.51.100.2";
    private static final String NODE = "198.51.100.1";
    /** Tells the first one who connects its address. */
    private static final String WHOAMI = """
            import socket
            s = socket.socket(); s.bind(('', 80)); s.listen(5)
            print('listening', flush=True)
            c, peer = s.accept(); c.sendall(peer[0].encode()); c.close()
            """;
    private static final String ASK = "import socket,sys; c = socket.create_connection((sys.argv[1], 80), 60); print(c.recv(100).decode())";

    private final String id = "wg" + ProcessHandle.current().pid();
    private final String outside = id + "-o";
    private final String node = id + "-n";
    private final String one = id + "-c1";
    private final String two = id + "-c2";

    @BeforeEach
    void makeHosts() {
        for (String namespace : List.of(outside, node, one, two)) {
            Shell.words("ip netns add " + namespace);
            Shell.words("ip -n " + namespace + " link set lo up");
        }
        Shell.words("ip -n " + node + " link add up0 type veth peer name up0 netns " + outside);
        Shell.words("ip -n " + node + " addr add " + NODE + "/24 dev up0");
        Shell.words("ip -n " + outside + " addr add " + OUTSIDE + "/24 dev up0");
        Shell.words("ip -n " + node + " link set up0 up");
        Shell.words("ip -n " + outside + " link set up0 up");
    }

    @AfterEach
    void removeHosts() {
        for (String namespace : List.of(outside, node, one, two)) {
            Shell.words("ip netns del " + namespace);
        }
    }

    private KernelGatewayBridge bridge(GatewayBridgeSpec spec) {
        return new KernelGatewayBridge(spec, new DataPathConfig("aaaaaaaa", Cidr.parseAddress(NODE), 4789, Optional.empty(), Optional.of(node),
                PipelineSpec.DEFAULT), "weft-aaaaaaaa-gw");
    }

    private static Wanted wanted(String name, int vni, String namespace) {
        LocalEndpoint endpoint = new LocalEndpoint(new EndpointId(vni, name), MacAddress.parse("02:00:00:00:00:0a"), List.of(),
                new Attachment.NetworkNamespace(namespace, "eth" + vni));
        return new Wanted(endpoint, "net" + vni, List.of(Cidr.parse("10." + vni + ".0.0/24")));
    }

    private List<Wanted> both() {
        return List.of(wanted("a", 77, one), wanted("b", 77, two));
    }

    /** Interfaces with their addresses, routes and rules, of all four; without what comes by itself. */
    private List<String> everything() {
        List<String> found = new ArrayList<>();
        for (String namespace : List.of(outside, node, one, two)) {
            found.add(Shell.words("ip -n " + namespace + " -br -4 addr").replaceAll("@if[0-9]+|UNKNOWN|LOWERLAYERDOWN|UP|DOWN", "")
                    .replaceAll(" +", " "));
            found.add(Shell.words("ip -n " + namespace + " route").replace(" linkdown", ""));
            found.add(Shell.in(namespace, "nft", "list", "ruleset"));
        }
        return found;
    }

    private static boolean pings(String from, String to) {
        return Shell.tryRun(Shell.inside(from, "ping", "-c", "3", "-i", "0.2", "-w", "60", to)).matches("(?s).* [1-9][0-9]* received.*");
    }

    private static boolean isSilent(String from, String... to) {
        List<String> command = new ArrayList<>(List.of("ping", "-q", "-c", "2", "-i", "0.2", "-W", "1"));
        command.addAll(List.of(to));
        return Shell.tryRun(Shell.inside(from, command.toArray(String[]::new))).contains("100% packet loss");
    }

    private String addressOf(String container) {
        return Shell.words("ip -n " + container + " -br -4 addr show weftgw").replaceAll("(?s).*?([0-9.]+)/[0-9]+.*", "$1");
    }

    /** Whom a host outside sees when a container connects to it. */
    private String seenOutside(String container) {
        Process server = Shell.startIn(outside, "python3", "-c", WHOAMI);
        try {
            assertEquals("listening", server.inputReader().readLine());
            return Shell.in(container, "python3", "-c", ASK, OUTSIDE);
        } catch (IOException e) {
            throw new AssertionError(e);
        } finally {
            server.destroyForcibly();
        }
    }

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
