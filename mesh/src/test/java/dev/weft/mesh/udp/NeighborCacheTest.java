package dev.weft.mesh.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.api.MacAddress;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NeighborCacheTest {

    private static final InetAddress B = InetAddress.ofLiteral("10.0.1.3");
    private static final InetAddress C = InetAddress.ofLiteral("fd00:1::4");
    private static final MacAddress MAC = MacAddress.parse("02:42:0a:00:01:03");
    private static final long SECOND = NeighborCache.RETRANSMIT_TIME;
    /** The clock wraps during the test. */
    private static final long START = Long.MAX_VALUE - 2 * SECOND;

    private static final List<NeighborCache.Ask> ASK_ALL = List.of(new NeighborCache.Ask(B, Optional.empty()));
    private static final List<NeighborCache.Ask> ASK_IT = List.of(new NeighborCache.Ask(B, Optional.of(MAC)));

    private final NeighborCache cache = new NeighborCache();

    @Test
    void shouldAskOnceASecondAndGiveUpAfterThree() {
        assertEquals(Optional.empty(), cache.want(B, START));
        cache.hold(B, datagram(1));

        assertEquals(ASK_ALL, cache.due(START));
        assertEquals(List.of(), cache.due(START + SECOND - 1));
        assertEquals(ASK_ALL, cache.due(START + SECOND));
        assertEquals(ASK_ALL, cache.due(START + 2 * SECOND));
        assertEquals(List.of(), cache.due(START + 3 * SECOND));

        assertEquals(List.of(), cache.heard(B, MAC, START + 4 * SECOND), "what waited is gone");
        assertEquals(Optional.empty(), cache.want(B, START + 5 * SECOND), "and nobody is remembered whom nobody wants");
        assertEquals(ASK_ALL, cache.due(START + 5 * SECOND));
    }

    @Test
    void shouldReleaseWhatWaitedInOrder() {
        cache.want(B, START);
        cache.hold(B, datagram(1));
        cache.hold(B, datagram(2));

        assertEquals(List.of(1, 2), ports(cache.heard(B, MAC, START)));
        assertEquals(Optional.of(MAC), cache.want(B, START));
        assertEquals(List.of(), cache.heard(B, MAC, START));
    }

    @Test
    void shouldDropTheOldestWhenTooManyWait() {
        cache.want(B, START);
        for (int port = 1; port <= NeighborCache.MAX_WAITING + 2; port++) {
            cache.hold(B, datagram(port));
        }

        List<Integer> released = ports(cache.heard(B, MAC, START));
        assertEquals(NeighborCache.MAX_WAITING, released.size());
        assertEquals(3, released.getFirst());
    }

    @Test
    void shouldProbeAUsedNeighbourAloneAndForgetItWhenItIsSilent() {
        cache.want(B, START);
        cache.heard(B, MAC, START);
        cache.want(B, START + SECOND);
        long expired = START + NeighborCache.REACHABLE_TIME;

        assertEquals(List.of(), cache.due(expired - 1));
        for (int probe = 0; probe < NeighborCache.MAX_ASKS; probe++) {
            assertEquals(ASK_IT, cache.due(expired + probe * SECOND));
            assertEquals(Optional.of(MAC), cache.want(B, expired + probe * SECOND));
        }
        assertEquals(List.of(), cache.due(expired + 3 * SECOND));
        assertEquals(Optional.empty(), cache.want(B, expired + 3 * SECOND));
    }

    @Test
    void shouldForgetAnUnusedNeighbourWithoutAsking() {
        cache.want(B, START);
        cache.heard(B, MAC, START);

        assertEquals(List.of(), cache.due(START + NeighborCache.REACHABLE_TIME));
        assertEquals(Optional.empty(), cache.want(B, START + NeighborCache.REACHABLE_TIME));
    }

    @Test
    void shouldStayReachableWhenAProbeIsAnswered() {
        cache.want(B, START);
        cache.heard(B, MAC, START);
        cache.want(B, START);
        long expired = START + NeighborCache.REACHABLE_TIME;
        cache.due(expired);

        cache.heard(B, MAC, expired + 1);

        assertEquals(Optional.of(MAC), cache.want(B, expired + 1));
        assertEquals(List.of(), cache.due(expired + NeighborCache.REACHABLE_TIME));
    }

    @Test
    void shouldIgnoreGroupMacsAndStrangers() {
        cache.want(B, START);
        cache.heard(B, MacAddress.BROADCAST, START);
        cache.heard(C, MAC, START);

        assertEquals(Optional.empty(), cache.want(B, START));
        assertEquals(Optional.empty(), cache.want(C, START));
    }

    @Test
    void shouldRememberNoMoreNeighboursThanItMay() {
        for (int i = 0; i < NeighborCache.MAX_NEIGHBORS; i++) {
            cache.want(InetAddress.ofLiteral("10.1." + i / 256 + "." + i % 256), START);
        }
        cache.want(B, START);
        cache.hold(B, datagram(1));

        assertEquals(List.of(), cache.heard(B, MAC, START));
        assertEquals(NeighborCache.MAX_NEIGHBORS, cache.due(START).size());
    }

    private static Datagram datagram(int port) {
        return new Datagram(port, B, 7000, new byte[0]);
    }

    private static List<Integer> ports(List<Datagram> datagrams) {
        return datagrams.stream().map(Datagram::sourcePort).toList();
    }
}
