package dev.weft.ffm.rtnl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cidr;
import dev.weft.api.MacAddress;
import dev.weft.ffm.libc.Errno;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.netlink.NetlinkException;
import dev.weft.ffm.netlink.NetlinkSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What iproute2 reads is the oracle. */
@Tag("privileged")
class RtnlTest {

    private static final MacAddress MAC = MacAddress.parse("02:57:45:00:01:00");

    private final String name = "wk-rt-" + ProcessHandle.current().pid();
    private final String other = name + "b";
    private NetworkNamespace here;
    private NetworkNamespace there;
    private NetlinkSocket socket;
    private LinkTable links;

    @BeforeEach
    void makeNamespaces() {
        here = NetworkNamespace.create(name);
        there = NetworkNamespace.create(other);
        socket = here.call(() -> NetlinkSocket.open(NetlinkSocket.NETLINK_ROUTE));
        links = new LinkTable(socket);
    }

    @AfterEach
    void removeNamespaces() {
        socket.close();
        here.close();
        there.close();
        NetworkNamespace.delete(name);
        NetworkNamespace.delete(other);
    }

    @Test
    void shouldMakeABridgeWithAPortThatFloodsAndLearnsNothing() throws Exception {
        links.createBridge("br", MAC, 1450, true);
        links.createVeth("port", "eth0", MacAddress.parse("02:00:00:00:00:02"), 1450, there.fd());
        Link bridge = links.find("br").orElseThrow();
        links.setMaster(links.find("port").orElseThrow(), bridge);
        links.setPort(links.find("port").orElseThrow(), BridgePort.STATIC);
        links.up(bridge);
        assertEquals(BridgePort.STATIC, links.find("port").orElseThrow().port());
        String seen = read(name, "ip", "-d", "link", "show", "port");
        assertTrue(seen.contains("learning off flood off") && seen.contains("mcast_flood off") && seen.contains("bcast_flood off")
                && seen.contains("neigh_suppress on"), seen);
        String bridgeSeen = read(name, "ip", "-d", "link", "show", "br");
        assertTrue(bridgeSeen.contains("mtu 1450") && bridgeSeen.contains(MAC.toString()) && bridgeSeen.contains("nf_call_iptables 1")
                && bridgeSeen.contains("mcast_snooping 0") && bridgeSeen.contains(",UP"), bridgeSeen);
        assertTrue(read(other, "ip", "link", "show", "eth0").contains("02:00:00:00:00:02"));
    }

    @Test
    void shouldTakeAnInterfaceThatIsGoneForRemoved() {
        links.createVeth("port", "eth0", MacAddress.parse("02:00:00:00:00:02"), 1450, there.fd());
        Link port = links.find("port").orElseThrow();
        links.delete(port);
        links.delete(port);
        assertEquals(Optional.empty(), links.find("port"));
    }

    @Test
    void shouldMakeAVxlanInterfaceElsewhereAndKeepItsSocketHere() throws Exception {
        VxlanSettings settings = new VxlanSettings(4242, Cidr.parseAddress("10.9.0.1"), 4789, 4128, 4128);
        links.createVxlan("vx", settings, 1450, there.fd());
        LinkTable elsewhere = new LinkTable(there.call(() -> NetlinkSocket.open(NetlinkSocket.NETLINK_ROUTE)));
        Link vxlan = elsewhere.find("vx").orElseThrow();
        assertEquals(settings, vxlan.vxlan());
        String seen = read(other, "ip", "-d", "link", "show", "vx");
        assertTrue(seen.contains("srcport 4128 4129"), seen);
        assertTrue(seen.contains("id 4242 local 10.9.0.1") && seen.contains("dstport 4789 nolearning") && seen.contains("df set"), seen);
        elsewhere.up(vxlan);
        assertTrue(read(name, "cat", "/proc/net/udp").contains(":12B5"), "UDP 4789 is open where the request was made");
        assertTrue(!read(other, "cat", "/proc/net/udp").contains(":12B5"));
    }

    @Test
    void shouldPutAndRemoveAddressesNeighboursAndForwardingEntries() throws Exception {
        links.createBridge("br", MAC, 1450, false);
        links.createVxlan("vx", new VxlanSettings(7, Cidr.parseAddress("10.9.0.1"), 4789), 1450, here.fd());
        Link bridge = links.find("br").orElseThrow();
        Link vxlan = links.find("vx").orElseThrow();
        links.setMaster(vxlan, bridge);
        AddressTable addresses = new AddressTable(socket);
        NeighborTable neighbors = new NeighborTable(socket);
        InterfaceAddress gateway = new InterfaceAddress(bridge.index(), Cidr.parseAddress("10.1.0.1"), 24);
        InterfaceAddress gateway6 = new InterfaceAddress(bridge.index(), Cidr.parseAddress("fd00::1"), 64);
        Neighbor neighbor = new Neighbor(bridge.index(), Cidr.parseAddress("10.1.0.2"), MacAddress.parse("02:00:00:00:00:05"));
        Neighbor neighbor6 = new Neighbor(bridge.index(), Cidr.parseAddress("fd00::2"), MacAddress.parse("02:00:00:00:00:05"));
        FdbEntry tunnel = new FdbEntry(vxlan.index(), MacAddress.parse("02:00:00:00:00:05"), Optional.of(Cidr.parseAddress("10.9.0.2")));
        FdbEntry port = new FdbEntry(vxlan.index(), MacAddress.parse("02:00:00:00:00:05"), Optional.empty());
        addresses.add(gateway);
        addresses.add(gateway6);
        neighbors.put(neighbor);
        neighbors.put(neighbor6);
        neighbors.put(tunnel);
        neighbors.put(port);
        assertEquals(List.of(gateway, gateway6), addresses.list());
        assertEquals(List.of(neighbor, neighbor6), neighbors.neighbors());
        assertEquals(java.util.Set.of(tunnel, port), java.util.Set.copyOf(neighbors.fdb()));
        String fdb = read(name, "bridge", "fdb", "show", "dev", "vx");
        assertTrue(fdb.contains("02:00:00:00:00:05 dst 10.9.0.2 self permanent") && fdb.contains("02:00:00:00:00:05 master br static"), fdb);
        assertTrue(read(name, "ip", "-6", "addr", "show", "br").contains("fd00::1/64 scope global nodad"));
        neighbors.remove(neighbor);
        neighbors.remove(neighbor6);
        neighbors.remove(tunnel);
        neighbors.remove(port);
        addresses.remove(gateway);
        addresses.remove(gateway6);
        assertEquals("", read(name, "ip", "neigh", "show", "nud", "permanent"));
        assertEquals(List.of(), neighbors.fdb());
        assertEquals(List.of(), addresses.list());
    }

    @Test
    void shouldSayWhatTheKernelDidNotLike() {
        NetlinkException refused = assertThrows(NetlinkException.class,
                () -> links.createVxlan("vx", new VxlanSettings(1 << 24, Cidr.parseAddress("10.9.0.1"), 4789), 1450, here.fd()));
        assertEquals(Errno.ERANGE, refused.errno());
        assertTrue(refused.getMessage().contains("make VXLAN interface vx") && refused.getMessage().contains("VXLAN ID"), refused.getMessage());
        assertEquals(Optional.empty(), links.find("vx"));
    }

    /** A list of many comes in several datagrams, and what is removed between two of them moves what is behind it. */
    @Test
    void shouldListAllThatStaysWhileSomethingElseGoesAndComes() throws Exception {
        int loopback = links.find("lo").orElseThrow().index();
        AddressTable addresses = new AddressTable(socket);
        Set<InterfaceAddress> staying = new HashSet<>();
        for (int number = 1; number <= 1500; number++) {
            InterfaceAddress address = new InterfaceAddress(loopback, Cidr.parseAddress("10.9." + (number >> 8) + "." + (number & 255)), 32);
            addresses.add(address);
            staying.add(address);
        }
        Random random = new Random(9);
        long duration = 2_000_000;
        try (NetlinkSocket changing = here.call(() -> NetlinkSocket.open(NetlinkSocket.NETLINK_ROUTE))) {
            AddressTable theirs = new AddressTable(changing);
            for (int round = 0; round < 40; round++) {
                InterfaceAddress leaving = addresses.list().stream().filter(address -> address.link() == loopback).findFirst().orElseThrow();
                long after = random.nextLong(duration);
                CompletableFuture<Void> change = CompletableFuture.runAsync(() -> {
                    LockSupport.parkNanos(after);
                    theirs.remove(leaving);
                });
                long start = System.nanoTime();
                Set<InterfaceAddress> listed = new HashSet<>(addresses.list());
                duration = System.nanoTime() - start;
                change.get();
                staying.remove(leaving);
                assertTrue(listed.containsAll(staying), "round " + round + ": a list without some of what was there all the time");
                theirs.add(leaving);
                staying.add(leaving);
            }
        }
    }

    /** A descriptor's number is given to the next file that is opened. */
    @Test
    void shouldAskNothingByASocketThatIsClosed() {
        NetlinkSocket closed = here.call(() -> NetlinkSocket.open(NetlinkSocket.NETLINK_ROUTE));
        closed.close();
        try (NetlinkSocket next = there.call(() -> NetlinkSocket.open(NetlinkSocket.NETLINK_ROUTE))) {
            assertEquals(Errno.EBADF, assertThrows(NetlinkException.class, () -> new LinkTable(closed).createBridge("br", MAC, 1450, false)).errno());
            assertEquals(Optional.empty(), new LinkTable(next).find("br"));
        }
    }

    private static String read(String namespace, String... command) throws IOException, InterruptedException {
        String[] all = java.util.stream.Stream.concat(java.util.stream.Stream.of("ip", "netns", "exec", namespace),
                java.util.stream.Stream.of(command)).toArray(String[]::new);
        Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output.strip();
    }
}
