package dev.weft.kernel.gwbridge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.GatewayBridgeSpec;
import dev.weft.api.MacAddress;
import dev.weft.api.PipelineSpec;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.GatewayBridge.Wanted;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.testing.Shell;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;

/** A host outside, a node and two containers at it, each a network namespace. The kernel's own echo and TCP are what gets out. */
@Tag("privileged")
abstract class GatewayBridgeHosts {

    static final GatewayBridgeSpec SPEC = GatewayBridgeSpec.DEFAULT.withSubnet(Cidr.parse("172.29.0.0/16"));
    static final String OUTSIDE = "198.51.100.2";
    static final String NODE = "198.51.100.1";
    /** Tells the first one who connects its address. */
    private static final String WHOAMI = """
            import socket
            s = socket.socket(); s.bind(('', 80)); s.listen(5)
            print('listening', flush=True)
            c, peer = s.accept(); c.sendall(peer[0].encode()); c.close()
            """;
    private static final String ASK = "import socket,sys; c = socket.create_connection((sys.argv[1], 80), 60); print(c.recv(100).decode())";

    final String id = "wg" + ProcessHandle.current().pid();
    final String outside = id + "-o";
    final String node = id + "-n";
    final String one = id + "-c1";
    final String two = id + "-c2";

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

    KernelGatewayBridge bridge(GatewayBridgeSpec spec) {
        return new KernelGatewayBridge(spec, new DataPathConfig("aaaaaaaa", Cidr.parseAddress(NODE), 4789, Optional.empty(), Optional.of(node),
                PipelineSpec.DEFAULT), "weft-aaaaaaaa-gw");
    }

    static Wanted wanted(String name, int vni, String namespace) {
        LocalEndpoint endpoint = new LocalEndpoint(new EndpointId(vni, name), MacAddress.parse("02:00:00:00:00:0a"), List.of(),
                new Attachment.NetworkNamespace(namespace, "eth" + vni));
        return new Wanted(endpoint, "net" + vni, List.of(Cidr.parse("10." + vni + ".0.0/24")));
    }

    List<Wanted> both() {
        return List.of(wanted("a", 77, one), wanted("b", 77, two));
    }

    /** Interfaces with their addresses, routes and rules, of all four; without what comes by itself. */
    List<String> everything() {
        List<String> found = new ArrayList<>();
        for (String namespace : List.of(outside, node, one, two)) {
            found.add(Shell.words("ip -n " + namespace + " -br -4 addr").replaceAll("@if[0-9]+|UNKNOWN|LOWERLAYERDOWN|UP|DOWN", "")
                    .replaceAll(" +", " "));
            found.add(Shell.words("ip -n " + namespace + " route").replace(" linkdown", ""));
            found.add(Shell.in(namespace, "nft", "list", "ruleset"));
        }
        return found;
    }

    static boolean pings(String from, String to) {
        return Shell.tryRun(Shell.inside(from, "ping", "-c", "3", "-i", "0.2", "-w", "60", to)).matches("(?s).* [1-9][0-9]* received.*");
    }

    static boolean isSilent(String from, String... to) {
        List<String> command = new ArrayList<>(List.of("ping", "-q", "-c", "2", "-i", "0.2", "-W", "1"));
        command.addAll(List.of(to));
        return Shell.tryRun(Shell.inside(from, command.toArray(String[]::new))).contains("100% packet loss");
    }

    String addressOf(String container) {
        return Shell.words("ip -n " + container + " -br -4 addr show weftgw").replaceAll("(?s).*?([0-9.]+)/[0-9]+.*", "$1");
    }

    /** Whom a host outside sees when a container connects to it. */
    String seenOutside(String container) {
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
}
