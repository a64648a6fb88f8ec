package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cidr;
import dev.weft.api.DataPathKind;
import dev.weft.api.Endpoint;
import dev.weft.api.EndpointSpec;
import dev.weft.api.GatewayBridgeSpec;
import dev.weft.api.NetworkSpec;
import dev.weft.api.OverlayNetwork;
import dev.weft.api.PipelineSpec;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.GatewayBridgeProvider;
import dev.weft.mesh.path.WayOut;
import dev.weft.testing.Pings;
import dev.weft.testing.Shell;
import dev.weft.testing.TwoHosts;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A node with two containers, on each data path; the host at the other end of its wire is the world outside. */
@Tag("privileged")
class GatewayBridgeTest {

    private static final String OUTSIDE = "192.0.2.2";

    @TempDir
    private Path directory;
    private TwoHosts hosts;
    private MemoryNodes nodes;
    private String one;
    private String two;

    @BeforeEach
    void makeHosts() {
        hosts = new TwoHosts(false);
        one = hosts.member("a", 1, 1, 2).container();
        two = hosts.member("b", 1, 1, 3).container();
        nodes = new MemoryNodes(directory);
        GatewayBridgeProvider installed = WayOut.installed().orElseThrow();
        nodes.bridges = Optional.of((spec, config) -> installed.open(GatewayBridgeSpec.DEFAULT.withSubnet(Cidr.parse("172.29.0.0/16")),
                new DataPathConfig(config.nodeId(), config.vtep(), config.port(), Optional.empty(), Optional.of(hosts.host(1)),
                        PipelineSpec.DEFAULT)));
    }

    @AfterEach
    void removeHosts() {
        nodes.close();
        hosts.close();
    }

    private static void assertReaches(String from, String to) {
        Pings.assertNoneLost(from, to, 3, 0.2);
    }

    private static boolean hasWayOut(String container) {
        return Shell.words("ip -n " + container + " -br link").contains("weftgw");
    }

    @ParameterizedTest
    @EnumSource(value = DataPathKind.class, names = {"KERNEL", "SOCKET", "DPDK"})
    void shouldGiveEndpointsInNamespacesAWayOutButForInternalNetworks(DataPathKind kind) {
        WeftNode node = nodes.start("one", kind, () -> hosts.open(1, kind));
        OverlayNetwork blue = node.createNetwork(NetworkSpec.named("blue").subnet("10.77.0.0/24").build());
        OverlayNetwork red = node.createNetwork(NetworkSpec.named("red").subnet("10.78.0.0/24").internal(true).build());
        OverlayNetwork near = node.createNetwork(NetworkSpec.named("near").subnet("172.29.8.0/24").build());
        assertTrue(red.info().internal() && !blue.info().internal());
        Endpoint a = blue.attach(EndpointSpec.networkNamespace("a", one, "eth0").build());
        Endpoint alsoA = red.attach(EndpointSpec.networkNamespace("a", one, "eth1").build());
        Endpoint b = red.attach(EndpointSpec.networkNamespace("b", two, "eth1").build());
        assertReaches(one, OUTSIDE);
        assertReaches(one, b.info().addresses().getFirst().getHostAddress());
        assertTrue(!hasWayOut(two), "of an internal network alone");
        WeftException.InvalidSpec refused = assertThrows(WeftException.InvalidSpec.class,
                () -> near.attach(EndpointSpec.networkNamespace("b", two, "eth2").build()));
        assertTrue(refused.getMessage().contains("overlaps 172.29.0.0/16"), refused.getMessage());

        a.close();
        assertTrue(!hasWayOut(one), "only an internal network is left");
        blue.attach(EndpointSpec.networkNamespace("b", two, "eth0").build());
        assertReaches(two, OUTSIDE);
        alsoA.close();
        node.close();
        assertTrue(!hasWayOut(two));
        assertEquals("", Shell.words("ip -n " + hosts.host(1) + " -br link show type bridge"));
    }
}
