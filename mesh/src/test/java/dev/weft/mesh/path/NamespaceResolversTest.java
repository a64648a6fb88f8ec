package dev.weft.mesh.path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.MacAddress;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.SubnetState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files themselves, in another directory than iproute2's. */
class NamespaceResolversTest {

    @TempDir
    private Path temporary;
    private Path directory;
    private Path host;
    private final Map<EndpointId, WeftException> notCarried = new HashMap<>();
    private NamespaceResolvers resolvers;

    @BeforeEach
    void begin() {
        directory = temporary.resolve("netns");
        host = temporary.resolve("resolv.conf");
        resolvers = of("one", "id1");
    }

    private NamespaceResolvers of(String node, String id) {
        return new NamespaceResolvers(state -> Map.copyOf(notCarried), Optional.of(new ResolvConfFiles(directory, host, node, id)));
    }

    private static LocalEndpoint inside(String name, int vni, String namespace, boolean resolvConf, String... addresses) {
        return new LocalEndpoint(new EndpointId(vni, name), new MacAddress(0x0200_0000_0001L), Stream.of(addresses).map(Cidr::parseAddress).toList(),
                new Attachment.NetworkNamespace(namespace, "eth" + vni, resolvConf));
    }

    private static LocalEndpoint wanting(String name, int vni) {
        return inside(name, vni, "box", true, "10." + vni + ".0.2");
    }

    private static NetworkState network(int vni, LocalEndpoint... locals) {
        return new NetworkState("net" + vni, vni, 1450, NetworkState.gatewayMacOf(vni), List.of(subnet("fd" + vni + "::/64", "fd" + vni + "::1"),
                subnet("10." + vni + ".0.0/24", "10." + vni + ".0.1"), subnet("10." + vni + ".1.0/24", "10." + vni + ".1.1")),
                List.of(locals), List.of(), List.of());
    }

    private static SubnetState subnet(String cidr, String gateway) {
        return new SubnetState(Cidr.parse(cidr), Cidr.parseAddress(gateway));
    }

    private Map<EndpointId, WeftException> apply(NetworkState... networks) {
        return resolvers.apply(new DataPathState(1, List.of(networks)));
    }

    private Path file(String namespace) {
        return directory.resolve(namespace).resolve("resolv.conf");
    }

    private List<String> settings(String namespace) throws IOException {
        return Files.readAllLines(file(namespace)).stream().filter(line -> !line.startsWith("#")).toList();
    }

    private Path foreign(String namespace, String text) throws IOException {
        Files.createDirectories(directory.resolve(namespace));
        return Files.writeString(file(namespace), text);
    }

    @Test
    void shouldNameTheGatewaysOfTheSubnetsThatTheEndpointIsIn() throws IOException {
        Files.writeString(host, "nameserver 198.51.100.53\ndomain old.example\n search corp.example example.org \noptions rotate\n");
        assertEquals(Map.of(), apply(network(77, inside("both", 77, "box", true, "10.77.0.2", "fd77::2"), inside("six", 77, "six", true, "fd77::3"),
                inside("other", 77, "other", false, "10.77.0.4"))));
        assertEquals(List.of("nameserver 10.77.0.1", "nameserver fd77:0:0:0:0:0:0:1", "options ndots:0", "search corp.example example.org"),
                settings("box"));
        assertEquals(List.of("nameserver fd77:0:0:0:0:0:0:1", "options ndots:0", "search corp.example example.org"), settings("six"));
        assertFalse(Files.exists(directory.resolve("other")), "who does not ask for it gets none");
        assertEquals("rw-r--r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(file("box"))));
        try (Stream<Path> all = Files.list(directory)) {
            assertEquals(2, all.count(), "nothing else is left there");
        }
    }

    @Test
    void shouldTakeAwayWhatItMadeAndNothingElse() throws IOException {
        apply(network(77, wanting("a", 77), inside("b", 77, "shared", true, "10.77.0.3")));
        Files.writeString(directory.resolve("shared").resolve("hosts"), "192.0.2.1 printer\n");
        Files.createDirectories(directory.resolve("empty"));
        apply(network(77, inside("c", 77, "empty", true, "10.77.0.4")));
        assertFalse(Files.exists(directory.resolve("box")), "the directory was made, too");
        assertFalse(Files.exists(file("shared")));
        assertTrue(Files.exists(directory.resolve("shared").resolve("hosts")));
        apply();
        assertFalse(Files.exists(file("empty")));
        assertTrue(Files.exists(directory.resolve("empty")), "that was there before");
    }

    @Test
    void shouldFollowItsEndpointAndTheNodesEnd() throws IOException {
        notCarried.put(new EndpointId(77, "a"), new WeftException.NotFound("there is no network namespace 'box'"));
        assertEquals(notCarried, apply(network(77, wanting("a", 77))));
        assertFalse(Files.exists(file("box")));
        notCarried.clear();
        apply(network(77, wanting("a", 77)));
        assertEquals("nameserver 10.77.0.1", settings("box").getFirst());
        apply(network(77, inside("a", 77, "box", true, "10.77.1.2")));
        assertEquals("nameserver 10.77.1.1", settings("box").getFirst());
        resolvers.close();
        assertFalse(Files.exists(directory.resolve("box")));
    }

    @Test
    void shouldRefuseWhereSomebodyElseHasAFileUntilThatIsGone() throws IOException {
        Path target = Files.writeString(temporary.resolve("target"), "nameserver 198.51.100.1\n");
        Files.createDirectories(directory.resolve("linked"));
        Files.createSymbolicLink(file("linked"), target);
        foreign("box", "nameserver 198.51.100.2\n");
        foreign("void", "");
        Files.write(Files.createDirectories(directory.resolve("binary")).resolve("resolv.conf"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        NetworkState blue = network(77, wanting("a", 77), inside("l", 77, "linked", true, "10.77.0.3"), inside("v", 77, "void", true, "10.77.0.4"),
                inside("b", 77, "binary", true, "10.77.0.5"));
        Map<EndpointId, WeftException> refused = apply(blue);
        assertEquals(4, refused.size());
        refused.values().forEach(each -> assertEquals(WeftException.InUse.class, each.getClass()));
        assertTrue(refused.get(new EndpointId(77, "a")).getMessage().startsWith(file("box") + " is there already"), refused.toString());
        assertEquals("nameserver 198.51.100.2\n", Files.readString(file("box")));
        assertEquals("nameserver 198.51.100.1\n", Files.readString(target));

        Files.delete(file("box"));
        assertEquals(3, apply(blue).size());
        assertEquals("nameserver 10.77.0.1", settings("box").getFirst());
        apply();
        assertTrue(Files.exists(directory.resolve("box")), "that was there before");
        assertTrue(Files.exists(file("void")) && Files.isSymbolicLink(file("linked")));
    }

    @Test
    void shouldLeaveAloneWhatTookThePlaceOfItsFile() throws IOException {
        apply(network(77, wanting("a", 77)));
        foreign("box", "nameserver 198.51.100.2\n");
        apply();
        assertEquals("nameserver 198.51.100.2\n", Files.readString(file("box")));
    }

    @Test
    void shouldGiveANamespaceTheResolverOfOneNetwork() throws IOException {
        LocalEndpoint late = wanting("late", 66);
        LocalEndpoint first = wanting("first", 77);
        apply(network(77, first));
        Map<EndpointId, WeftException> refused = apply(network(66, late), network(77, first));
        assertEquals(List.of(late.id()), List.copyOf(refused.keySet()));
        assertTrue(refused.get(late.id()).getMessage().contains("endpoint 'first' of network 'net77'"), refused.toString());
        assertEquals("nameserver 10.77.0.1", settings("box").getFirst());
        assertEquals(Map.of(), apply(network(66, late)));
        assertEquals("nameserver 10.66.0.1", settings("box").getFirst());
    }

    @Test
    void shouldTakeOverWhatTheNodesLastProcessLeft() {
        apply(network(77, wanting("a", 77), inside("b", 77, "other", true, "10.77.0.3")));
        resolvers = of("one", "id1"); // the one before was killed
        assertEquals(Map.of(), apply(network(77, wanting("a", 77))));
        assertTrue(Files.exists(file("box")));
        assertFalse(Files.exists(directory.resolve("other")), "its endpoint went while the node was away");
        apply();
        assertFalse(Files.exists(directory.resolve("box")), "made by the process before, the directory as well");
    }

    @Test
    void shouldTakeOverFromANodeThatDiedButNotFromOneThatRuns() throws IOException {
        NetworkState blue = network(77, wanting("a", 77));
        apply(blue);
        resolvers = of("two", "id2");
        WeftException refused = apply(blue).get(new EndpointId(77, "a"));
        assertTrue(refused.getMessage().contains("made by node 'one', which runs"), refused.getMessage());
        apply();
        assertTrue(Files.readString(file("box")).contains("id1"), "it is left alone");

        String text = Files.readString(file("box"));
        foreign("box", text.replaceAll("since \\d+", "since 1000")); // the number is another process's by now
        assertEquals(Map.of(), apply(blue));
        assertTrue(Files.readString(file("box")).contains("id2"), "taken over");
        apply();
        assertFalse(Files.exists(directory.resolve("box")), "with the directory");
    }
}
