package dev.weft.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.LoadBalancing;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.ServiceState;
import dev.weft.api.path.Spread;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.kernel.conntrack.FlowEvents;
import dev.weft.testing.Shell;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The rules that follow what the kernel's own conntrack tells, without a data path around them: a client, a router with a VIP, and one
 * machine that has the addresses of all backends. The kernel's answer to what connections get next is what they get.
 */
@Tag("privileged")
class BalancerTest {

    private static final String VIP = "10.9.9.9";

    /** Serves TCP and UDP at each address it has been told and answers with that one's last part. Arguments: addresses. */
    private static final String SERVERS = """
            import select, socket, sys
            listening = []; asked = []
            for address in sys.argv[1:]:
                s = socket.socket(); s.bind((address, 80)); s.listen(512); listening.append(s)
                u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind((address, 53)); asked.append(u)
            print('ready', flush=True)
            held = []
            while True:
                for s in select.select(listening + asked + held, [], [])[0]:
                    if s in listening:
                        c = s.accept()[0]; c.sendall(c.getsockname()[0].split('.')[3].encode()); held.append(c)
                    elif s in asked:
                        d, peer = s.recvfrom(9); s.sendto(s.getsockname()[0].split('.')[3].encode(), peer)
                    elif not s.recv(9):
                        held.remove(s); s.close()
            """;
    /**
     * Does what a line says and prints who served: tcp COUNT, udp COUNT; close BACKEND ends its TCP connections, and waits until both sides have;
     * flood COUNT asks as many ports. Argument: the VIP.
     */
    private static final String CLIENT = """
            import socket, sys
            held = []
            def tcp():
                c = socket.create_connection((sys.argv[1], 80), 60); name = c.recv(9).decode(); held.append((name, c)); return name
            def udp():
                u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.connect((sys.argv[1], 53)); u.settimeout(60)
                u.send(b'who'); name = u.recv(9).decode(); held.append((name, u)); return name
            for line in sys.stdin:
                what, n = line.split()
                if what == 'close':
                    for name, c in [h for h in held if h[0] == n and h[1].type == socket.SOCK_STREAM]:
                        c.shutdown(socket.SHUT_WR)
                        while c.recv(9): pass
                        c.close(); held.remove((name, c))
                    print('closed', flush=True)
                elif what == 'flood':
                    u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    for port in range(1000, 1000 + int(n)): u.sendto(b'.', (sys.argv[1], port))
                    print('flooded', flush=True)
                else:
                    print(' '.join((tcp if what == 'tcp' else udp)() for i in range(int(n))), flush=True)
            """;

    private final String id = "wb" + ProcessHandle.current().pid();
    private final String router = id + "r";
    private final String client = id + "c";
    private final String servers = id + "s";
    private NetworkNamespace namespace;
    private Balancer balancer;
    private Process serving;
    private Process asking;
    private BufferedReader answers;

    @BeforeEach
    void build() throws IOException {
        for (String name : List.of(router, client, servers)) {
            Shell.words("ip netns add " + name);
            Shell.in(name, "sysctl", "-q", "-w", "net.ipv6.conf.default.disable_ipv6=1"); // nothing is said that a test does not say
        }
        wire("br0", client, "10.9.0");
        wire("back", servers, "10.8.0");
        for (int backend = 11; backend <= 13; backend++) {
            Shell.words("ip -n " + servers + " addr add 10.8.0." + backend + "/24 dev eth0");
        }
        Shell.words("ip -n " + router + " addr add " + VIP + "/32 dev br0");
        namespace = NetworkNamespace.open(router);
        balancer = new Balancer(namespace);
        serving = Shell.startIn(servers, "python3", "-c", SERVERS, "10.8.0.11", "10.8.0.12", "10.8.0.13");
        assertEquals("ready", new BufferedReader(new InputStreamReader(serving.getInputStream())).readLine());
        asking = Shell.startIn(client, "python3", "-c", CLIENT, VIP);
        answers = new BufferedReader(new InputStreamReader(asking.getInputStream()));
    }

    private void wire(String device, String to, String subnet) {
        Shell.words("ip -n " + router + " link add " + device + " type veth peer name eth0 netns " + to);
        Shell.words("ip -n " + router + " addr add " + subnet + ".1/24 dev " + device);
        Shell.words("ip -n " + router + " link set " + device + " up");
        Shell.words("ip -n " + to + " addr add " + subnet + ".2/24 dev eth0");
        Shell.words("ip -n " + to + " link set eth0 up");
        Shell.words("ip -n " + to + " route add default via " + subnet + ".1");
    }

    @AfterEach
    void remove() {
        for (Process process : Arrays.asList(serving, asking)) {
            if (process != null) {
                process.destroyForcibly();
            }
        }
        if (balancer != null) {
            balancer.close();
            namespace.close();
        }
        List.of(router, client, servers).forEach(name -> Shell.words("ip netns del " + name));
    }

    private static ServiceState service(LoadBalancing method, List<Integer> weights, int... backends) {
        List<InetAddress> addresses = Arrays.stream(backends).mapToObj(each -> InetAddress.ofLiteral("10.8.0." + each)).toList();
        return new ServiceState("web", InetAddress.ofLiteral(VIP), addresses, new Spread(method, false, weights));
    }

    private static ServiceState least(int... backends) {
        return service(LoadBalancing.LEAST_CONNECTIONS, List.of(), backends);
    }

    private void reconcile(ServiceState... services) {
        balancer.reconcile(new NetworkState("n", 900, 1450, NetworkState.gatewayMacOf(900), List.of(), List.of(), List.of(), List.of(services),
                Optional.empty()), List.of(), false);
    }

    /** @return who served */
    private String ask(String what) {
        try {
            asking.getOutputStream().write((what + "\n").getBytes());
            asking.getOutputStream().flush();
            String answer = answers.readLine();
            assertNotNull(answer, "the client has ended");
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String shares(String served) {
        return List.of("11", "12", "13").stream().map(name -> "" + Pattern.compile(name).matcher(served).results().count()).toList().toString();
    }

    /** What the kernel walks now, from its beginning. */
    private List<Integer> walked() {
        String rule = Shell.tryRun(Shell.inside(router, "nft", "list", "chain", "inet", "weft", "least0"));
        Matcher name = Pattern.compile("@(least0_\\d+)").matcher(rule);
        if (!name.find()) {
            return List.of();
        }
        String map = Shell.tryRun(Shell.inside(router, "nft", "list", "map", "inet", "weft", name.group(1)));
        // keys are in the machine's own order, which nft does not know
        return Pattern.compile("0x([0-9a-f]+)[^:]*: 0xa0800([0-9a-f]{2})").matcher(map).results()
                .sorted(Comparator.comparingInt(slot -> Integer.reverseBytes(Integer.parseUnsignedInt(slot.group(1), 16))))
                .map(slot -> Integer.parseInt(slot.group(2), 16)).toList();
    }

    /** Waits until the next connections will get these backends. */
    private void awaitWalk(Integer... first) {
        await(() -> walked().stream().limit(first.length).toList().equals(List.of(first)), "a walk that begins with " + List.of(first));
    }

    private void await(BooleanSupplier condition, String what) {
        Instant end = Instant.now().plus(Duration.ofSeconds(60));
        while (!condition.getAsBoolean()) {
            assertTrue(Instant.now().isBefore(end), () -> "waited for " + what + "; there are " + tracked() + " flows, the kernel walks " + walked());
        }
    }

    @Test
    void shouldGiveNewConnectionsToTheBackendsThatHaveTheFewest() {
        reconcile(least(11));
        assertEquals("[6, 0, 0]", shares(ask("tcp 6")));
        reconcile(least(11, 12, 13));
        assertEquals("[0, 6, 6]", shares(ask("tcp 12")), "until all have as many");
        ask("close 12");
        awaitWalk(12, 12, 12, 12, 12, 12);
        assertEquals("[0, 6, 0]", shares(ask("tcp 6")), "nobody but the conntrack has told of the ends");
        reconcile(service(LoadBalancing.LEAST_CONNECTIONS, List.of(3, 1, 1), 11, 12, 13));
        assertEquals("[12, 0, 0]", shares(ask("tcp 12")), "three times as many");
        reconcile(new ServiceState("web", InetAddress.ofLiteral(VIP), least(12, 13).backends(), least(11).backends(), least(12, 13).spread()));
        assertEquals("[0, 2, 2]", shares(ask("tcp 4")), "it drains");
    }

    @Test
    void shouldCountUdpFlowsToo() {
        reconcile(least(11, 12, 13));
        assertEquals("11", ask("tcp 1"));
        assertEquals("12", ask("udp 1"));
        assertEquals("13", ask("tcp 1"));
        assertEquals("11 12 13", ask("udp 3"));
        ask("close 13");
        awaitWalk(13);
        assertEquals("13", ask("udp 1"));
    }

    @Test
    void shouldCountConnectionsThatBeganBefore() {
        reconcile(service(LoadBalancing.ROUND_ROBIN, List.of(), 11));
        assertEquals("[5, 0, 0]", shares(ask("tcp 5")));
        reconcile(least(11, 12));
        assertEquals("[0, 5, 0]", shares(ask("tcp 5")));
        ask("close 11"); // they began when nobody listened, and their end is told nevertheless
        awaitWalk(11, 11, 11, 11, 11);
        assertEquals("[5, 0, 0]", shares(ask("tcp 5")));
    }

    /** Fail static: while nobody is there the rules go on with what they have, and who comes back writes no other table. */
    @Test
    void shouldGoOnAfterARestart() {
        reconcile(least(11, 12));
        ask("tcp 8");
        ask("close 12");
        awaitWalk(12, 12, 12, 12);
        String table = table();
        balancer.close();
        assertEquals("[0, 3, 0]", shares(ask("tcp 3")));
        balancer = new Balancer(namespace);
        reconcile(least(11, 12));
        assertEquals(table, table());
        assertEquals("[0, 1, 0]", shares(ask("tcp 1")), "4 and 3 are open");
        for (int round = 0; round < 3; round++) {
            ask("close 11");
            awaitWalk(11, 11, 11, 11);
            ask("tcp 4");
        }
        String maps = Shell.in(router, "nft", "list", "maps");
        assertTrue(Pattern.compile("map least0_").matcher(maps).results().count() <= 2, maps);
        assertEquals(table, table());
    }

    /** What tells the table from another one. */
    private String table() {
        return Shell.in(router, "nft", "-a", "list", "chain", "inet", "weft", "vips");
    }

    @Test
    void shouldHaveNoThreadAndNoWalkWithoutSuchAService() {
        reconcile(service(LoadBalancing.ROUND_ROBIN, List.of(), 11, 12));
        assertFalse(isFollowed());
        reconcile(least(11, 12));
        assertTrue(isFollowed());
        reconcile(least());
        assertFalse(isFollowed(), "there is nothing to choose from");
        reconcile(least(11, 12));
        reconcile(service(LoadBalancing.LEAST_CONNECTIONS, List.of(0, 1), 11, 12));
        assertEquals("12 12", ask("tcp 2"), "one without weight gets none");
        Spread affinity = new Spread(LoadBalancing.LEAST_CONNECTIONS, true, List.of());
        reconcile(new ServiceState("web", InetAddress.ofLiteral(VIP), least(11).backends(), affinity));
        assertFalse(isFollowed(), "affinity goes before");
    }

    private boolean isFollowed() {
        return Thread.getAllStackTraces().keySet().stream().anyMatch(thread -> thread.getName().equals("weft-balancer-" + router));
    }

    @Test
    void shouldSayThatEventsWereLostAndCountRightAgain() {
        Shell.in(router, "sysctl", "-q", "-w", "net.netfilter.nf_conntrack_udp_timeout=600");
        reconcile(service(LoadBalancing.ROUND_ROBIN, List.of(), 11));
        InetAddress vip = InetAddress.ofLiteral(VIP);
        try (FlowEvents heard = FlowEvents.open(namespace, Set.of(vip))) {
            ask("flood 100");
            await(() -> heard.drain() && open(heard) == 100 && tracked() == 100, "100 flows");
            ask("flood 60000");
            await(() -> tracked() > 30_000, "many flows");
            assertFalse(heard.drain(), "more than the socket has place for");
        }
        await(() -> {
            try (FlowEvents again = FlowEvents.open(namespace, Set.of(vip))) {
                return open(again) == tracked();
            }
        }, "all flows");
    }

    private static int open(FlowEvents events) {
        return events.flows().count(InetAddress.ofLiteral(VIP), InetAddress.ofLiteral("10.8.0.11"));
    }

    private int tracked() {
        return Integer.parseInt(Shell.in(router, "cat", "/proc/sys/net/netfilter/nf_conntrack_count"));
    }
}
