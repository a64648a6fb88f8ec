package dev.weft.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.LoadBalancing;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.ServiceState;
import dev.weft.api.path.Spread;
import dev.weft.kernel.conntrack.FlowEvents;
import java.io.IOException;
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
 * The rules that follow what the kernel's own conntrack tells, without a data path around them. The kernel's answer to what connections get
 * next is what they get.
 */
@Tag("privileged")
class BalancerTest {

    private static final InetAddress VIP = InetAddress.ofLiteral(BalancedRouter.VIP);
    private BalancedRouter hosts;
    private Balancer balancer;

    @BeforeEach
    void build() throws IOException {
        hosts = new BalancedRouter();
        balancer = new Balancer(hosts.namespace());
    }

    @AfterEach
    void remove() {
        if (balancer != null) {
            balancer.close();
        }
        if (hosts != null) {
            hosts.close();
        }
    }

    private static ServiceState service(LoadBalancing method, List<Integer> weights, int... backends) {
        List<InetAddress> addresses = Arrays.stream(backends).mapToObj(each -> InetAddress.ofLiteral("10.8.0." + each)).toList();
        return new ServiceState("web", VIP, addresses, new Spread(method, false, weights));
    }

    private static ServiceState least(int... backends) {
        return service(LoadBalancing.LEAST_CONNECTIONS, List.of(), backends);
    }

    private void reconcile(ServiceState... services) {
        balancer.reconcile(new NetworkState("n", 900, 1450, NetworkState.gatewayMacOf(900), List.of(), List.of(), List.of(), List.of(services),
                Optional.empty()), List.of(), false);
    }

    private static String shares(String served) {
        return List.of("11", "12", "13").stream().map(name -> "" + Pattern.compile(name).matcher(served).results().count()).toList().toString();
    }

    /** What the kernel walks now, from its beginning. */
    private List<Integer> walked() {
        String rule = hosts.tryInRouter("nft", "list", "chain", "inet", "weft", "least0");
        Matcher name = Pattern.compile("@(least0_\\d+)").matcher(rule);
        if (!name.find()) {
            return List.of();
        }
        String map = hosts.tryInRouter("nft", "list", "map", "inet", "weft", name.group(1));
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
            assertTrue(Instant.now().isBefore(end), () -> "waited for " + what + "; there are " + hosts.tracked() + " flows, the kernel walks "
                    + walked());
        }
    }

    @Test
    void shouldGiveNewConnectionsToTheBackendsThatHaveTheFewest() {
        reconcile(least(11));
        assertEquals("[6, 0, 0]", shares(hosts.ask("tcp 6")));
        reconcile(least(11, 12, 13));
        assertEquals("[0, 6, 6]", shares(hosts.ask("tcp 12")), "until all have as many");
        hosts.ask("close 12");
        awaitWalk(12, 12, 12, 12, 12, 12);
        assertEquals("[0, 6, 0]", shares(hosts.ask("tcp 6")), "nobody but the conntrack has told of the ends");
        reconcile(service(LoadBalancing.LEAST_CONNECTIONS, List.of(3, 1, 1), 11, 12, 13));
        assertEquals("[12, 0, 0]", shares(hosts.ask("tcp 12")), "three times as many");
        reconcile(new ServiceState("web", VIP, least(12, 13).backends(), least(11).backends(), least(12, 13).spread()));
        assertEquals("[0, 2, 2]", shares(hosts.ask("tcp 4")), "it drains");
    }

    @Test
    void shouldCountUdpFlowsToo() {
        reconcile(least(11, 12, 13));
        assertEquals("11", hosts.ask("tcp 1"));
        assertEquals("12", hosts.ask("udp 1"));
        assertEquals("13", hosts.ask("tcp 1"));
        assertEquals("11 12 13", hosts.ask("udp 3"));
        hosts.ask("close 13");
        awaitWalk(13);
        assertEquals("13", hosts.ask("udp 1"));
    }

    @Test
    void shouldCountConnectionsThatBeganBefore() {
        reconcile(service(LoadBalancing.ROUND_ROBIN, List.of(), 11));
        assertEquals("[5, 0, 0]", shares(hosts.ask("tcp 5")));
        reconcile(least(11, 12));
        assertEquals("[0, 5, 0]", shares(hosts.ask("tcp 5")));
        hosts.ask("close 11"); // they began when nobody listened, and their end is told nevertheless
        awaitWalk(11, 11, 11, 11, 11);
        assertEquals("[5, 0, 0]", shares(hosts.ask("tcp 5")));
    }

    /** Fail static: while nobody is there the rules go on with what they have, and who comes back writes no other table. */
    @Test
    void shouldGoOnAfterARestart() {
        reconcile(least(11, 12));
        hosts.ask("tcp 8");
        hosts.ask("close 12");
        awaitWalk(12, 12, 12, 12);
        String table = table();
        balancer.close();
        assertEquals("[0, 3, 0]", shares(hosts.ask("tcp 3")));
        balancer = new Balancer(hosts.namespace());
        reconcile(least(11, 12));
        assertEquals(table, table());
        assertEquals("[0, 1, 0]", shares(hosts.ask("tcp 1")), "4 and 3 are open");
        for (int round = 0; round < 3; round++) {
            hosts.ask("close 11");
            awaitWalk(11, 11, 11, 11);
            hosts.ask("tcp 4");
        }
        String maps = hosts.inRouter("nft", "list", "maps");
        assertTrue(Pattern.compile("map least0_").matcher(maps).results().count() <= 2, maps);
        assertEquals(table, table());
    }

    /** What tells the table from another one. */
    private String table() {
        return hosts.inRouter("nft", "-a", "list", "chain", "inet", "weft", "vips");
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
        assertEquals("12 12", hosts.ask("tcp 2"), "one without weight gets none");
        Spread affinity = new Spread(LoadBalancing.LEAST_CONNECTIONS, true, List.of());
        reconcile(new ServiceState("web", VIP, least(11).backends(), affinity));
        assertFalse(isFollowed(), "affinity goes before");
    }

    private boolean isFollowed() {
        return Thread.getAllStackTraces().keySet().stream().anyMatch(thread -> thread.getName().equals("weft-balancer-" + hosts.router()));
    }

    @Test
    void shouldSayThatEventsWereLostAndCountRightAgain() {
        hosts.inRouter("sysctl", "-q", "-w", "net.netfilter.nf_conntrack_udp_timeout=600");
        reconcile(service(LoadBalancing.ROUND_ROBIN, List.of(), 11));
        try (FlowEvents heard = FlowEvents.open(hosts.namespace(), Set.of(VIP))) {
            hosts.ask("flood 100");
            await(() -> heard.drain() && open(heard) == 100 && hosts.tracked() == 100, "100 flows");
            hosts.ask("flood 60000");
            await(() -> hosts.tracked() > 30_000, "many flows");
            assertFalse(heard.drain(), "more than the socket has place for");
        }
        await(() -> {
            try (FlowEvents again = FlowEvents.open(hosts.namespace(), Set.of(VIP))) {
                return open(again) == hosts.tracked();
            }
        }, "all flows");
    }

    private static int open(FlowEvents events) {
        return events.flows().count(VIP, InetAddress.ofLiteral("10.8.0.11"));
    }
}
