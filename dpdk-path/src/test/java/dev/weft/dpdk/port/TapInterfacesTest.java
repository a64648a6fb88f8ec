package dev.weft.dpdk.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.MacAddress;
import dev.weft.api.WeftException;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.SubnetState;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.libc.TapDevice;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("privileged")
class TapInterfacesTest {

    private static final NetworkState NETWORK = new NetworkState("blue", 256, 1450, NetworkState.gatewayMacOf(256),
            List.of(new SubnetState(Cidr.parse("10.9.0.0/24"), InetAddress.ofLiteral("10.9.0.1")),
                    new SubnetState(Cidr.parse("fd09::/64"), InetAddress.ofLiteral("fd09::1"))), List.of(), List.of(), List.of());

    private final String name = "wp-taps-" + ProcessHandle.current().pid();
    private NetworkNamespace namespace;

    @BeforeEach
    void makeNamespace() {
        namespace = NetworkNamespace.create(name);
    }

    @AfterEach
    void removeNamespace() {
        namespace.close();
        NetworkNamespace.delete(name);
    }

    private static LocalEndpoint endpoint(Attachment attachment, String... addresses) {
        return new LocalEndpoint(new EndpointId(256, "a"), MacAddress.parse("02:57:00:00:00:09"),
                List.of(addresses).stream().map(InetAddress::ofLiteral).toList(), attachment);
    }

    private String ip(String arguments) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(("ip -n " + name + " " + arguments).split(" ")).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        process.waitFor();
        return output;
    }

    /** Segments of an underlay of 1500 bytes, 9000, and IPv6's least. */
    @Test
    void shouldHaveSuperFramesThatASocketSendsInOneMessage() throws IOException, InterruptedException {
        assertEquals(44 * 1356 + 400, TapInterfaces.longestSuperFrame(1408));
        assertEquals(7 * 8856 + 400, TapInterfaces.longestSuperFrame(8908));
        assertEquals(48 * 1228 + 400, TapInterfaces.longestSuperFrame(1280));
        LocalEndpoint endpoint = endpoint(new Attachment.NetworkNamespace(name, "wpeth0"), "10.9.0.2");
        try (TapDevice tap = new TapInterfaces(Optional.empty()).create(endpoint, NETWORK)) {
            String seen = ip("-d link show " + tap.name());
            assertTrue(seen.contains("gso_max_size " + (43 * 1398 + 400) + " "), seen);
        }
    }

    /** A few places are left for what the kernel sends of its own accord. */
    @Test
    void shouldKeepDatagramsThatAreSentWhileNobodyReads() throws IOException, InterruptedException {
        int datagrams = TapInterfaces.QUEUE - 96;
        LocalEndpoint endpoint = endpoint(new Attachment.NetworkNamespace(name, "wpeth0"), "10.9.0.2");
        try (TapDevice tap = new TapInterfaces(Optional.empty()).create(endpoint, NETWORK);
                DatagramSocket socket = namespace.call(() -> new DatagramSocket(new InetSocketAddress("10.9.0.2", 0)))) {
            ip("neighbor add 10.9.0.3 lladdr 02:57:00:00:00:0a dev wpeth0");
            for (int n = 0; n < datagrams; n++) {
                socket.send(new DatagramPacket(new byte[64], 64, new InetSocketAddress("10.9.0.3", 4000)));
            }
            assertEquals(datagrams, countIpv4(tap));
        }
    }

    private static int countIpv4(TapDevice tap) {
        MemorySegment frame = Arena.ofAuto().allocate(TapFrames.CAPACITY);
        int count = 0;
        while (tap.read(frame, 0, TapFrames.CAPACITY) > 0) {
            count += EthernetHeader.etherType(frame, VnetHeader.LENGTH) == EthernetHeader.ETHER_TYPE_IPV4 ? 1 : 0;
        }
        return count;
    }

    @Test
    void shouldMakeTheInterfaceAsTheEndpointIs() throws IOException, InterruptedException {
        LocalEndpoint endpoint = endpoint(new Attachment.NetworkNamespace(name, "wpeth0"), "10.9.0.2", "fd09::2");
        try (TapDevice tap = new TapInterfaces(Optional.empty()).create(endpoint, NETWORK)) {
            assertEquals("wpeth0", tap.name());
            String seen = ip("address show wpeth0");
            assertTrue(seen.contains("mtu 1450") && seen.contains("02:57:00:00:00:09") && seen.contains("inet 10.9.0.2/24")
                    && seen.contains("inet6 fd09::2/64") && seen.contains("scope global nodad") && seen.contains(",UP"), seen);
        }
        assertTrue(ip("link show wpeth0").contains("does not exist"));
    }

    @Test
    void shouldAddTheRouteToASubnetByWhichTheNetworkHasGrown() throws IOException, InterruptedException {
        LocalEndpoint endpoint = endpoint(new Attachment.NetworkNamespace(name, "wpeth0"), "10.9.0.2", "fd09::2");
        NetworkState grown = new NetworkState("blue", 256, 1450, NETWORK.gatewayMac(), Stream.concat(NETWORK.subnets().stream(), Stream.of(
                new SubnetState(Cidr.parse("10.10.0.0/24"), InetAddress.ofLiteral("10.10.0.1")),
                new SubnetState(Cidr.parse("fd10::/64"), InetAddress.ofLiteral("fd10::1")))).toList(), List.of(), List.of(), List.of());
        TapInterfaces taps = new TapInterfaces(Optional.empty());
        try (TapDevice tap = taps.create(endpoint, NETWORK)) {
            taps.route(endpoint, grown);
            taps.route(endpoint, grown);
            assertTrue(ip("route show dev " + tap.name()).contains("10.10.0.0/24 proto static scope link"), ip("route show"));
            assertTrue(ip("-6 route show dev " + tap.name()).contains("fd10::/64 proto static"), ip("-6 route show"));
        }
    }

    @Test
    void shouldMakeHostInterfacesInTheNamespaceOfTheNode() {
        LocalEndpoint endpoint = endpoint(new Attachment.HostInterface("wphost0"), "10.9.0.3");
        try (TapDevice tap = new TapInterfaces(Optional.of("/run/netns/" + name)).create(endpoint, NETWORK)) {
            assertTrue(namespace.call(() -> NetworkInterface.getByName(tap.name()) != null));
        }
    }

    @Test
    void shouldSayWhichNamespaceIsMissing() {
        LocalEndpoint endpoint = endpoint(new Attachment.NetworkNamespace("wp-nowhere", "eth0"), "10.9.0.2");
        WeftException.NotFound refused = assertThrows(WeftException.NotFound.class,
                () -> new TapInterfaces(Optional.empty()).create(endpoint, NETWORK));
        assertTrue(refused.getMessage().contains("wp-nowhere"), refused.getMessage());
    }

    @Test
    void shouldRefuseANameThatIsTakenAndLeaveItAlone() throws IOException, InterruptedException {
        LocalEndpoint endpoint = endpoint(new Attachment.NetworkNamespace(name, "lo"), "10.9.0.2");
        assertThrows(WeftException.NameTaken.class, () -> new TapInterfaces(Optional.empty()).create(endpoint, NETWORK));
        assertTrue(ip("address show lo").contains("mtu 65536"));
    }

    @Test
    void shouldLeaveNothingBehindWhenTheKernelRefusesTheSettings() throws IOException, InterruptedException {
        // The kernel gives interfaces with an MTU below 1280 no IPv6 (RFC 8200, 5).
        NetworkState narrow = new NetworkState("narrow", 256, 1000, NETWORK.gatewayMac(), NETWORK.subnets(), List.of(), List.of(), List.of());
        LocalEndpoint endpoint = endpoint(new Attachment.NetworkNamespace(name, "wpeth0"), "fd09::2");
        WeftException.DataPathFailed refused = assertThrows(WeftException.DataPathFailed.class,
                () -> new TapInterfaces(Optional.empty()).create(endpoint, narrow));
        assertTrue(refused.getMessage().contains("wpeth0") && refused.getMessage().contains("fd09"), refused.getMessage());
        assertTrue(ip("link show wpeth0").contains("does not exist"));
    }
}
