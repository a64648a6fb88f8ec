package dev.weft.kernel.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.netlink.NetlinkSocket;
import dev.weft.testing.Shell;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Flows of a namespace with itself, between two addresses of each family. */
@Tag("privileged")
class ConntrackTableTest {

    private static final List<InetAddress> ONE = addresses(1);
    private static final List<InetAddress> OTHER = addresses(2);
    private static final String DATAGRAM = """
            import socket, sys
            family = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET
            s = socket.socket(family, socket.SOCK_DGRAM); s.bind((sys.argv[1], 0)); s.sendto(b'x', (sys.argv[2], 9))
            """;

    private final String name = "wt" + ProcessHandle.current().pid();
    private NetworkNamespace namespace;
    private NetlinkSocket socket;

    private static List<InetAddress> addresses(int number) {
        return List.of(InetAddress.ofLiteral("10.66.0." + number), InetAddress.ofLiteral("fd66::" + number));
    }

    @BeforeEach
    void makeNamespace() {
        Shell.words("ip netns add " + name);
        Shell.words("ip -n " + name + " link set lo up");
        for (List<InetAddress> own : List.of(ONE, OTHER)) {
            own.forEach(address -> Shell.words("ip -n " + name + " addr add " + address.getHostAddress() + " dev lo nodad"));
        }
        Shell.in(name, "nft", "add table inet t; add chain inet t c { type filter hook output priority 0; }; add rule inet t c ct state new accept");
        namespace = NetworkNamespace.open(name);
        socket = namespace.call(() -> NetlinkSocket.open(NetlinkSocket.NETLINK_NETFILTER));
    }

    @AfterEach
    void removeNamespace() {
        socket.close();
        namespace.close();
        Shell.words("ip netns del " + name);
    }

    @Test
    void shouldFindTheFlowsOfAddressesOfEitherFamilyAndForgetThem() {
        for (int family = 0; family < ONE.size(); family++) {
            Shell.in(name, "python3", "-c", DATAGRAM, ONE.get(family).getHostAddress(), OTHER.get(family).getHostAddress());
            Shell.in(name, "python3", "-c", DATAGRAM, OTHER.get(family).getHostAddress(), ONE.get(family).getHostAddress());
        }
        ConntrackTable table = new ConntrackTable(socket);

        for (InetAddress address : OTHER) {
            assertEquals(List.of(address), table.answeredBy(Set.of(address)).stream().map(TrackedFlow::answerer).toList());
            assertEquals(List.of(address), table.sentTo(Set.of(address)).stream().map(TrackedFlow::destination).toList());
        }
        assertEquals(2, table.answeredBy(Set.copyOf(OTHER)).size());
        assertEquals(List.of(), table.answeredBy(Set.copyOf(addresses(3))));

        table.answeredBy(Set.copyOf(OTHER)).forEach(table::delete);
        assertEquals(Set.copyOf(ONE), Set.copyOf(table.list().stream().map(TrackedFlow::answerer).toList()));
    }

    /** A backend that goes, or a hundred of a node that dies, are one change. */
    @Test
    void shouldAskAFewTimesForAnyNumberOfAddresses() {
        for (int family = 0; family < ONE.size(); family++) {
            Shell.in(name, "python3", "-c", DATAGRAM, ONE.get(family).getHostAddress(), OTHER.get(family).getHostAddress());
        }
        ConntrackTable table = new ConntrackTable(socket);
        Set<InetAddress> few = new HashSet<>(OTHER);
        few.addAll(addresses(3));
        assertEquals(3, questions(table, few), "one for each of two IPv4 addresses, and one for IPv6");

        Set<InetAddress> many = new HashSet<>(few);
        IntStream.range(10, 110).forEach(number -> many.addAll(addresses(number)));
        assertEquals(2, questions(table, many), "one for each family");
    }

    private long questions(ConntrackTable table, Set<InetAddress> addresses) {
        long before = socket.queries();
        assertEquals(Set.copyOf(OTHER), table.answeredBy(addresses).stream().map(TrackedFlow::answerer).collect(Collectors.toSet()));
        return socket.queries() - before;
    }
}
