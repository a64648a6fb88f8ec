package dev.weft.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.Cipher;
import dev.weft.api.GatewayBridgeSpec;
import dev.weft.api.MacAddress;
import dev.weft.api.PipelineSpec;
import dev.weft.api.Publication;
import dev.weft.api.PublishedPort;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.GatewayBridge;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.PublishedState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.path.SubnetState;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.testing.Shell;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two nodes of one host, made as a killed process leaves them: nothing is closed. */
@Tag("privileged")
class KernelLeftoversTest {

    private static final String GONE = "%08x".formatted(ProcessHandle.current().pid()) + "00000001";
    private static final String OTHER = "%08x".formatted(ProcessHandle.current().pid() | 0x4000_0000L) + "00000002";
    private static final GatewayBridgeSpec BRIDGE = GatewayBridgeSpec.DEFAULT.withSubnet(Cidr.parse("172.29.0.0/16"));

    private final String host = "wl" + ProcessHandle.current().pid();
    private final String boxOfGone = host + "-c1";
    private final String boxOfOther = host + "-c2";

    @BeforeEach
    void makeHost() {
        for (String namespace : List.of(host, boxOfGone, boxOfOther)) {
            Shell.words("ip netns add " + namespace);
        }
        Shell.words("ip -n " + host + " link add up0 type veth peer name up1");
        Shell.words("ip -n " + host + " addr add 192.0.2.1/24 dev up0");
        Shell.words("ip -n " + host + " addr add 192.0.2.2/24 dev up0");
        Shell.words("ip -n " + host + " link set up0 up");
    }

    @AfterEach
    void removeHost() {
        namespaces().forEach(name -> Shell.words("ip netns del " + name));
        for (String namespace : List.of(host, boxOfGone, boxOfOther)) {
            Shell.words("ip netns del " + namespace);
        }
    }

    @Test
    void shouldRemoveAllOfAKilledNodeAndNothingOfAnother() {
        List<String> before = everything();
        leave(OTHER, "192.0.2.2", 4790, boxOfOther);
        List<String> withOther = everything();
        leave(GONE, "192.0.2.1", 4789, boxOfGone);
        String prefix = "weft-" + GONE.substring(0, 8);
        assertTrue(namespaces().containsAll(List.of(prefix + "-300", prefix + "-301")), namespaces()::toString);

        List<String> removed = remove(GONE);

        assertEquals(withOther, everything());
        assertEquals(List.of(), Stream.of("network namespace " + prefix + "-300", "network namespace " + prefix + "-301",
                "nf_tables table inet " + prefix, "nf_tables table inet " + prefix + "-gw", "nf_tables table bridge " + prefix + "-gw",
                "nf_tables table inet " + prefix + "-ports", "IPsec policy OUT to 192.0.2.9 port 4789")
                .filter(each -> !removed.contains(each)).toList(), removed::toString);
        assertEquals(List.of(), remove(GONE).stream().filter(each -> !each.endsWith("of which the name was left")).toList(), "nothing is left");

        assertTrue(remove(OTHER).contains("bridge " + BRIDGE.name()));
        assertEquals(before, everything());
    }

    /** A name without a namespace is what is left of a node that was killed where its mounts were its own. */
    @Test
    void shouldRemoveNamesThatOtherNodesLeft() throws IOException {
        Path dead = Path.of("/run/netns", "weft-" + OTHER.substring(0, 8) + "-300");
        leave(GONE, "192.0.2.1", 4789, boxOfGone);
        Files.createFile(dead);

        assertTrue(remove(GONE).contains("network namespace " + dead.getFileName() + ", of which the name was left"));
        assertFalse(Files.exists(dead));

        Files.createFile(dead);
        KernelDataPath.open(config(GONE, "192.0.2.1", 4789), Optional.empty()).close();
        assertFalse(Files.exists(dead), "a node that starts does the same");
    }

    @Test
    void shouldSayWhatItHasRemovedWhenNotAllCanBe() throws IOException {
        leave(GONE, "192.0.2.1", 4789, boxOfGone);
        String prefix = "weft-" + GONE.substring(0, 8);
        Path inTheWay = Path.of("/run/netns", prefix + "-299", "in-the-way");
        Files.createDirectories(inTheWay);
        try {
            String said = assertThrows(WeftException.DataPathFailed.class, () -> remove(GONE)).getMessage();
            assertTrue(said.contains(prefix + "-299") && said.contains("network namespace " + prefix + "-300, network namespace " + prefix + "-301"),
                    said);
            assertTrue(Shell.in(host, "nft", "list", "tables").contains(prefix), "rules go last");
        } finally {
            Files.delete(inTheWay);
            Files.delete(inTheWay.getParent());
        }
        assertTrue(remove(GONE).contains("nf_tables table inet " + prefix));
    }

    private DataPathConfig config(String nodeId, String vtep, int port) {
        return new DataPathConfig(nodeId, Cidr.parseAddress(vtep), port, Optional.empty(), Optional.of(host), PipelineSpec.DEFAULT);
    }

    private List<String> remove(String nodeId) {
        try (NetworkNamespace namespace = NetworkNamespace.open(host)) {
            return namespace.call(() -> new KernelLeftovers().remove(nodeId));
        }
    }

    private void leave(String nodeId, String vtep, int port, String box) {
        DataPathConfig config = config(nodeId, vtep, port);
        NetworkState clear = network(300, Optional.empty(), box);
        NetworkState encrypted = network(301, Optional.of(Cipher.AES_128_GCM), box);
        assertEquals(Map.of(), KernelDataPath.open(config, Optional.empty()).apply(new DataPathState(1, List.of(clear, encrypted))));
        assertEquals(Map.of(), new KernelGatewayBridgeProvider().open(BRIDGE, config).apply(List.of(new GatewayBridge.Wanted(
                clear.locals().iterator().next(), clear.name(), List.of(clear.subnets().getFirst().cidr())))));
        new KernelPortPublisherProvider().open(config).apply(new PublishedState(
                Optional.of(new PublishedState.Gateway("up0", List.of(Cidr.parseAddress("10.255.0.2")))),
                List.of(new PublishedState.Service("web", List.of(Cidr.parseAddress("10.255.0.9")), List.of(), List.of(),
                        new Publication(List.of(PublishedPort.parse((4000 + port) + ":80")), false))), List.of()));
    }

    private static NetworkState network(int vni, Optional<Cipher> cipher, String box) {
        InetAddress address = Cidr.parseAddress("10." + (vni - 200) + ".0.10");
        LocalEndpoint local = new LocalEndpoint(new EndpointId(vni, "a"), MacAddress.parse("02:00:00:00:00:0a"), List.of(address),
                new Attachment.NetworkNamespace(box, "eth" + vni));
        RemoteEndpoint remote = new RemoteEndpoint(new EndpointId(vni, "b"), MacAddress.parse("02:00:00:00:00:0b"),
                List.of(Cidr.parseAddress("10." + (vni - 200) + ".0.11")), Cidr.parseAddress("192.0.2.9"));
        return new NetworkState("net" + vni, vni, 1400, NetworkState.gatewayMacOf(vni), List.of(new SubnetState(
                Cidr.parse("10." + (vni - 200) + ".0.0/24"), Cidr.parseAddress("10." + (vni - 200) + ".0.1"))), List.of(local), List.of(remote),
                List.of(), cipher);
    }

    private static List<String> namespaces() {
        return NetworkNamespace.names().stream().filter(name -> Stream.of(GONE, OTHER).anyMatch(id -> name.startsWith("weft-" + id.substring(0, 8))))
                .toList();
    }

    /** Of the two nodes: namespaces, and what is in the host's and in the endpoints'. */
    private List<String> everything() {
        List<String> found = new ArrayList<>(namespaces());
        for (String namespace : List.of(host, boxOfGone, boxOfOther)) {
            found.add(Shell.words("ip -n " + namespace + " -br link").replaceAll("@if[0-9]+|UNKNOWN|LOWERLAYERDOWN|UP|DOWN|<.*?>", "")
                    .replaceAll(" +", " "));
        }
        found.add(Shell.in(host, "nft", "list", "tables"));
        found.add(Shell.words("ip -n " + host + " xfrm policy").replaceAll("\\n\\s+", " "));
        return found;
    }
}
