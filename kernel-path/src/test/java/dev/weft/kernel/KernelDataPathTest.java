package dev.weft.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.Cipher;
import dev.weft.api.MacAddress;
import dev.weft.api.PipelineSpec;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.path.SubnetState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("privileged")
class KernelDataPathTest {

    private static final int VNI = 300;
    private static final MacAddress MAC_A = MacAddress.parse("02:00:00:00:00:0a");
    private static final MacAddress MAC_B = MacAddress.parse("02:00:00:00:00:0b");

    private final String id = "wk" + ProcessHandle.current().pid();
    private final String hostA = id + "-ha";
    private final String hostB = id + "-hb";
    private final String boxA = id + "-ca";
    private final String boxB = id + "-cb";

    @BeforeEach
    void wireTwoHosts() throws Exception {
        for (String namespace : List.of(hostA, hostB, boxA, boxB)) {
            run("ip", "netns", "add", namespace);
        }
        run("ip", "-n", hostA, "link", "add", "up0", "type", "veth", "peer", "name", "up0", "netns", hostB);
        run("ip", "-n", hostA, "addr", "add", "192.0.2.1/24", "dev", "up0");
        run("ip", "-n", hostB, "addr", "add", "192.0.2.2/24", "dev", "up0");
        run("ip", "-n", hostA, "link", "set", "up0", "up");
        run("ip", "-n", hostB, "link", "set", "up0", "up");
    }

    @AfterEach
    void removeHosts() throws Exception {
        for (String namespace : List.of(hostA, hostB, boxA, boxB)) {
            run("ip", "netns", "del", namespace);
        }
    }

    @Test
    void shouldCarryBothFamiliesBetweenTwoHostsAndLeaveNothingBehind() throws Exception {
        String before = read("ip", "netns", "list");
        try (KernelDataPath a = open("aaaaaaaa", "192.0.2.1", hostA); KernelDataPath b = open("bbbbbbbb", "192.0.2.2", hostB)) {
            assertEquals(Map.of(), a.apply(state(1, local("a", MAC_A, 10, boxA), remote("b", MAC_B, 11, "192.0.2.2"))));
            assertEquals(Map.of(), b.apply(state(1, local("b", MAC_B, 11, boxB), remote("a", MAC_A, 10, "192.0.2.1"))));
            run("ip", "netns", "exec", boxA, "ping", "-q", "-c", "20", "-i", "0.01", "-w", "60", "10.77.0.11");
            run("ip", "netns", "exec", boxA, "ping", "-q", "-c", "20", "-i", "0.01", "-w", "60", "fd77::b");
            run("ip", "netns", "exec", boxB, "ping", "-q", "-c", "3", "-i", "0.01", "-w", "60", "10.77.0.1");
            long changes = a.changes();
            assertEquals(Map.of(), a.apply(state(2, local("a", MAC_A, 10, boxA), remote("b", MAC_B, 11, "192.0.2.2"))));
            assertEquals(changes, a.changes(), "a state that is so already changes nothing");
            assertTrue(a.counters().value("endpoint:a@300", "rx-packets") >= 40);
        }
        assertEquals(before, read("ip", "netns", "list"));
        assertEquals("", read("ip", "-n", boxA, "-o", "link", "show", "type", "veth"));
    }

    @Test
    void shouldReachASubnetByWhichTheNetworkHasGrown() throws Exception {
        LocalEndpoint further = new LocalEndpoint(new EndpointId(VNI, "b"), MAC_B, List.of(Cidr.parseAddress("10.78.0.11")),
                new Attachment.NetworkNamespace(boxB, "eth7"));
        RemoteEndpoint seen = new RemoteEndpoint(further.id(), MAC_B, further.addresses(), Cidr.parseAddress("192.0.2.2"));
        try (KernelDataPath a = open("aaaaaaaa", "192.0.2.1", hostA); KernelDataPath b = open("bbbbbbbb", "192.0.2.2", hostB)) {
            assertEquals(Map.of(), a.apply(state(1, local("a", MAC_A, 10, boxA), remote("b", MAC_B, 11, "192.0.2.2"))));
            String before = read("ip", "-n", boxA, "-o", "link", "show", "eth7");

            DataPathState grown = new DataPathState(2, List.of(grown(List.of(local("a", MAC_A, 10, boxA)), List.of(seen))));
            assertEquals(Map.of(), a.apply(grown));
            assertEquals(Map.of(), b.apply(new DataPathState(1, List.of(grown(List.of(further), List.of(remote("a", MAC_A, 10, "192.0.2.1")))))));

            assertEquals(before, read("ip", "-n", boxA, "-o", "link", "show", "eth7"), "the interface stayed");
            run("ip", "netns", "exec", boxA, "ping", "-q", "-c", "3", "-i", "0.01", "-w", "60", "10.78.0.11");
            run("ip", "netns", "exec", boxB, "ping", "-q", "-c", "3", "-i", "0.01", "-w", "60", "10.77.0.10");
            run("ip", "netns", "exec", boxB, "ping", "-q", "-c", "1", "-w", "60", "10.78.0.1");
            long changes = a.changes();
            assertEquals(Map.of(), a.apply(grown));
            assertEquals(changes, a.changes(), "a route that is there is not set again");
        }
    }

    private static NetworkState grown(List<LocalEndpoint> locals, List<RemoteEndpoint> remotes) {
        NetworkState before = network(locals, remotes);
        List<SubnetState> subnets = Stream.concat(before.subnets().stream(),
                Stream.of(new SubnetState(Cidr.parse("10.78.0.0/24"), Cidr.parseAddress("10.78.0.1")))).toList();
        return new NetworkState(before.name(), VNI, before.mtu(), before.gatewayMac(), subnets, locals, remotes, List.of());
    }

    /** Those of one subnet that came later go with the first one. */
    @Test
    void shouldKeepTheAddressThatTheKernelRemovesWithSomebodyElses() throws Exception {
        try (KernelDataPath a = open("aaaaaaaa", "192.0.2.1", hostA)) {
            DataPathState state = state(1, local("a", MAC_A, 10, boxA), remote("b", MAC_B, 11, "192.0.2.2"));
            assertEquals(Map.of(), a.apply(state));
            run("ip", "netns", "exec", boxA, "sysctl", "-q", "-w", "net.ipv4.conf.all.promote_secondaries=0",
                    "net.ipv4.conf.eth7.promote_secondaries=0");
            run("ip", "-n", boxA, "addr", "del", "10.77.0.10/24", "dev", "eth7");
            for (String address : List.of("10.77.0.98/24", "10.77.0.99/24", "10.77.0.10/24")) {
                run("ip", "-n", boxA, "addr", "add", address, "dev", "eth7");
            }
            String before = read("ip", "-n", boxA, "-o", "link", "show", "eth7");

            assertEquals(Map.of(), a.apply(state));

            String addresses = read("ip", "-n", boxA, "-4", "-o", "addr", "show", "eth7");
            assertTrue(addresses.lines().count() == 1 && addresses.contains("10.77.0.10/24"), addresses);
            assertEquals(before, read("ip", "-n", boxA, "-o", "link", "show", "eth7"), "the interface stayed");
        }
    }

    @Test
    void shouldTakeUpAgainWhatAKilledProcessLeft() throws Exception {
        KernelDataPath killed = open("aaaaaaaa", "192.0.2.1", hostA);
        killed.apply(state(1, local("a", MAC_A, 10, boxA), remote("b", MAC_B, 11, "192.0.2.2")));
        String before = read("ip", "-n", boxA, "-o", "link", "show", "eth7");
        try (KernelDataPath again = open("aaaaaaaa", "192.0.2.1", hostA)) {
            assertEquals(Map.of(), again.apply(state(1, local("a", MAC_A, 10, boxA), remote("b", MAC_B, 11, "192.0.2.2"))));
            assertEquals(0, again.changes());
            assertEquals(before, read("ip", "-n", boxA, "-o", "link", "show", "eth7"));
        }
    }

    @Test
    void shouldRemoveAllOtherNetworksWhenOneCannotBeRemoved() throws Exception {
        Path name = Path.of("/run/netns/weft-aaaaaaaa-300");
        try (KernelDataPath a = open("aaaaaaaa", "192.0.2.1", hostA)) {
            NetworkState further = new NetworkState("red", VNI + 1, 1450, NetworkState.gatewayMacOf(VNI + 1), List.of(), List.of(), List.of(),
                    List.of());
            assertEquals(Map.of(), a.apply(new DataPathState(1, List.of(network(List.of(), List.of()), further))));
            run("umount", "-l", name.toString());
            Files.delete(name);
            Files.createDirectories(name.resolve("in-the-way"));
            try {
                WeftException failure = assertThrows(WeftException.DataPathFailed.class, () -> a.apply(new DataPathState(2, List.of())));
                assertTrue(failure.getMessage().contains("weft-aaaaaaaa-300"), failure.getMessage());
                assertFalse(Files.exists(Path.of("/run/netns/weft-aaaaaaaa-301")));
                assertEquals(List.of(), a.counters().counters());
            } finally {
                Files.delete(name.resolve("in-the-way"));
                Files.delete(name);
            }
        }
    }

    @Test
    void shouldReportAnEndpointThatCannotBeMadeAndMakeTheOthers() throws Exception {
        try (KernelDataPath a = open("aaaaaaaa", "192.0.2.1", hostA)) {
            LocalEndpoint lost = local("lost", MAC_B, 11, id + "-nowhere");
            LocalEndpoint taken = new LocalEndpoint(new EndpointId(VNI, "taken"), MacAddress.parse("02:00:00:00:00:0c"),
                    List.of(), new Attachment.NetworkNamespace(boxA, "lo"));
            Map<EndpointId, WeftException> failed = a.apply(new DataPathState(1, List.of(network(
                    List.of(local("a", MAC_A, 10, boxA), lost, taken), List.of()))));
            assertInstanceOf(WeftException.NotFound.class, failed.get(lost.id()));
            assertInstanceOf(WeftException.NameTaken.class, failed.get(taken.id()));
            assertEquals(2, failed.size());
            assertEquals(1, read("ip", "-n", "weft-aaaaaaaa-300", "-o", "link", "show", "type", "veth").lines().count());
        }
    }

    @Test
    void shouldRefuseEncryptedNetworksAloneWhereTheKernelCannotEncrypt() throws Exception {
        DataPathConfig config = config("aaaaaaaa", "192.0.2.1", hostA);
        try (KernelDataPath a = KernelDataPath.open(config, Optional.of("this kernel has no ESP: boot another one"))) {
            assertEquals(Optional.of("this kernel has no ESP: boot another one"), a.clearOnly());
            LocalEndpoint secret = new LocalEndpoint(new EndpointId(VNI + 1, "secret"), MAC_B, List.of(),
                    new Attachment.NetworkNamespace(boxB, "eth8"));
            NetworkState encrypted = new NetworkState("red", VNI + 1, 1416, NetworkState.gatewayMacOf(VNI + 1), List.of(), List.of(secret), List.of(),
                    List.of(), Optional.of(Cipher.AES_128_GCM));
            Map<EndpointId, WeftException> failed = a.apply(new DataPathState(1, List.of(encrypted,
                    network(List.of(local("a", MAC_A, 10, boxA)), List.of()))));
            assertEquals("network 'red' is encrypted and this kernel has no ESP: boot another one",
                    assertInstanceOf(WeftException.DataPathUnavailable.class, failed.get(secret.id())).getMessage());
            assertEquals(1, failed.size());
            String namespaces = read("ip", "netns", "list");
            assertTrue(namespaces.contains("weft-aaaaaaaa-300") && !namespaces.contains("weft-aaaaaaaa-301"), namespaces);
            assertEquals(List.of(), a.saUsage());
        }
    }

    @Test
    void shouldRefuseAPortThatIsTakenAndAnAddressThatNobodyHas() throws Exception {
        run("ip", "-n", hostA, "link", "add", "other", "type", "vxlan", "id", "9", "dstport", "4789", "local", "192.0.2.1");
        run("ip", "-n", hostA, "link", "set", "other", "up");
        Set<String> before = sockets();
        assertThrows(WeftException.PortInUse.class, () -> open("aaaaaaaa", "192.0.2.1", hostA));
        assertThrows(WeftException.DataPathUnavailable.class, () -> open("aaaaaaaa", "192.0.2.9", hostA));
        assertEquals(before, sockets(), "sockets that a data path left which could not be opened");
    }

    private static Set<String> sockets() throws IOException {
        return read("ls", "-l", "/proc/" + ProcessHandle.current().pid() + "/fd").lines().filter(line -> line.contains("socket:["))
                .map(line -> line.substring(line.indexOf("socket:["))).collect(Collectors.toSet());
    }

    private static KernelDataPath open(String nodeId, String vtep, String namespace) {
        return KernelDataPath.open(config(nodeId, vtep, namespace));
    }

    private static DataPathConfig config(String nodeId, String vtep, String namespace) {
        return new DataPathConfig(nodeId, Cidr.parseAddress(vtep), 4789, Optional.empty(), Optional.of(namespace), PipelineSpec.DEFAULT);
    }

    private static DataPathState state(long epoch, LocalEndpoint local, RemoteEndpoint remote) {
        return new DataPathState(epoch, List.of(network(List.of(local), List.of(remote))));
    }

    private static NetworkState network(List<LocalEndpoint> locals, List<RemoteEndpoint> remotes) {
        return new NetworkState("blue", VNI, 1450, NetworkState.gatewayMacOf(VNI),
                List.of(new SubnetState(Cidr.parse("10.77.0.0/24"), Cidr.parseAddress("10.77.0.1")),
                        new SubnetState(Cidr.parse("fd77::/64"), Cidr.parseAddress("fd77::1"))), locals, remotes, List.of());
    }

    private static LocalEndpoint local(String name, MacAddress mac, int host, String namespace) {
        return new LocalEndpoint(new EndpointId(VNI, name), mac, List.of(Cidr.parseAddress("10.77.0." + host),
                Cidr.parseAddress("fd77::" + Integer.toHexString(host))), new Attachment.NetworkNamespace(namespace, "eth7"));
    }

    private static RemoteEndpoint remote(String name, MacAddress mac, int host, String vtep) {
        return new RemoteEndpoint(new EndpointId(VNI, name), mac, List.of(Cidr.parseAddress("10.77.0." + host),
                Cidr.parseAddress("fd77::" + Integer.toHexString(host))), Cidr.parseAddress(vtep));
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), () -> String.join(" ", command) + ": " + output);
    }

    /** But for errors: ip has something to say of each name of a namespace that is gone, whoever left it. */
    private static String read(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
