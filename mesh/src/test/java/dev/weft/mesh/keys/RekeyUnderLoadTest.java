package dev.weft.mesh.keys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.PipelineSpec;
import dev.weft.api.SaInfo;
import dev.weft.api.counter.DropReason;
import dev.weft.mesh.Await;
import dev.weft.mesh.FreePort;
import dev.weft.mesh.pki.CertificateAuthority;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two socket data paths that encrypt to each other over loopback as fast as they can, while their keys are replaced. */
class RekeyUnderLoadTest {

    private static final KeyLimits USUAL = new KeyLimits(Duration.ofHours(12), 1L << 40, 1L << 34, Duration.ofSeconds(2));
    /** Frames under way each way: as many as fit the socket's receive buffer, so that none is lost there. */
    private static final int WINDOW = 32;
    private static final long TEN_MINUTES = Duration.ofMinutes(10).toMillis();

    private KeyedNode one;
    private KeyedNode two;
    private Flow there;
    private Flow back;

    private KeyedNode.Pair pair(KeyLimits limits) throws IOException {
        try (DatagramSocket overlay = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.2"), 0));
                DatagramSocket esp = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.2"), 0))) {
            return new KeyedNode.Pair(limits, CertificateAuthority.found(TlsWorld.CLUSTER, Instant.now(), TlsWorld.RANDOM), overlay.getLocalPort(),
                    esp.getLocalPort(), new int[] {FreePort.tcp(), FreePort.tcp()}, PipelineSpec.DEFAULT);
        }
    }

    private void start(KeyLimits limits) throws IOException {
        KeyedNode.Pair pair = pair(limits);
        one = new KeyedNode(pair, 1, 0);
        two = new KeyedNode(pair, 2, TEN_MINUTES);
        Await.until("keys both ways", () -> one.isReady() && two.isReady());
        there = new Flow(one, two);
        back = new Flow(two, one);
    }

    @AfterEach
    void close() {
        one.close();
        two.close();
    }

    /** Frames from one node to the other, no more of them under way than fit. */
    private static final class Flow {
        private final KeyedNode from;
        private final KeyedNode to;
        private long sent;
        private long arrived;
        /** Sent and dropped at either end, each counted there. */
        private long dropped;

        private Flow(KeyedNode from, KeyedNode to) {
            this.from = from;
            this.to = to;
        }

        private boolean move() {
            boolean moved = false;
            while (sent - arrived - dropped < WINDOW && from.send(sent, 600)) {
                sent++;
                moved = true;
            }
            long now = to.receive();
            moved |= now > arrived;
            arrived = now;
            return moved;
        }

        private void lookForDrops() {
            dropped = from.dropped(DropReason.NO_SA) + to.dropped(DropReason.UNKNOWN_SPI);
        }

        private void settle() {
            Await.until("every frame is accounted for", () -> {
                arrived = to.receive();
                lookForDrops();
                return sent == arrived + dropped;
            });
        }
    }

    private void loadFor(long millis) {
        long end = System.nanoTime() + Duration.ofMillis(millis).toNanos();
        while (System.nanoTime() - end < 0) {
            if (!there.move() & !back.move()) {
                LockSupport.parkNanos(20_000);
            }
        }
    }

    private void assertNothingDropped(KeyedNode node) {
        for (DropReason reason : DropReason.values()) {
            if (reason != DropReason.CONSUMED) {
                assertEquals(0, node.dropped(reason), reason.label());
            }
        }
    }

    private static Set<Integer> spis(KeyedNode node) {
        Set<Integer> spis = new HashSet<>();
        node.ring().list(List.of(), id -> id).stream().filter(SaInfo::outbound).forEach(each -> spis.add(each.spi()));
        return spis;
    }

    @Test
    void shouldRekeyTwoHundredTimesUnderLoadAndLoseNothing() throws IOException {
        start(new KeyLimits(Duration.ofHours(12), 1L << 40, 1L << 34, Duration.ofMillis(500)));
        Random random = new Random(11);
        Set<Integer> used = new HashSet<>();
        for (int i = 0; i < 1_000 && used.size() < 202; i++) {
            (random.nextBoolean() ? one : two).rotate();
            if (random.nextInt(4) == 0) {
                (random.nextBoolean() ? one : two).rotate();
            }
            loadFor(random.nextInt(100));
            used.addAll(spis(one));
            used.addAll(spis(two));
        }
        there.settle();
        back.settle();
        assertEquals(0, there.dropped + back.dropped);
        assertNothingDropped(one);
        assertNothingDropped(two);
        assertTrue(used.size() >= 202, "two to begin with, and 200 rekeys: " + used.size());
        assertTrue(there.arrived > 10_000 && back.arrived > 10_000, there.arrived + " and " + back.arrived + " frames");
    }

    @Test
    void shouldKeepEveryKeyWithinItsLimitAndAccountForEveryFrame() throws IOException {
        start(new KeyLimits(Duration.ofHours(12), 1L << 40, 30, Duration.ofSeconds(2)));
        long most = new KeyLimits(Duration.ofHours(12), 1L << 40, 30, Duration.ofSeconds(2)).most(1).packets();
        for (int i = 0; i < 100; i++) {
            loadFor(50);
            there.lookForDrops();
            back.lookForDrops();
            for (KeyedNode node : List.of(one, two)) {
                node.path().saUsage().forEach(usage -> assertTrue(usage.sequence() <= most, usage.toString()));
            }
        }
        there.settle();
        back.settle();
        assertTrue(there.dropped > 0 && there.arrived > most, "it met the limit, and went on with other keys: " + there.dropped + ", " + there.arrived);
        assertEquals(0, one.dropped(DropReason.UNKNOWN_SPI) + two.dropped(DropReason.UNKNOWN_SPI) + one.dropped(DropReason.REPLAYED)
                + two.dropped(DropReason.REPLAYED));
    }

    @Test
    void shouldGoOnWithoutDaemonsWithinTheLifeOfTheKeysAndThenStop() throws IOException {
        start(new KeyLimits(Duration.ofSeconds(4), 1L << 40, 1L << 34, Duration.ofSeconds(2)));
        two.stopDaemon();
        loadFor(2_000);
        there.settle();
        back.settle();
        assertEquals(0, there.dropped + back.dropped, "the life of the keys is not over");
        Await.until("the keys are gone", () -> spis(one).isEmpty() && spis(two).isEmpty());
        Await.until("from the data path too", () -> one.path().saUsage().stream().noneMatch(each -> each.outbound()));
        long arrived = there.arrived;
        long before = one.dropped(DropReason.NO_SA);
        assertTrue(one.send(0, 600));
        Await.until("dropped", () -> one.dropped(DropReason.NO_SA) == before + 1);
        there.sent++;
        there.settle();
        assertEquals(arrived, there.arrived);
        two.startDaemon();
        Await.until("keys again", () -> one.isReady() && two.isReady());
        loadFor(500);
        there.settle();
        assertTrue(there.arrived > arrived);
    }

    @Test
    void shouldLoseOnlyWhatWasUnderWayWhenOneSideDies() throws IOException {
        KeyedNode.Pair pair = pair(USUAL);
        one = new KeyedNode(pair, 1, 0);
        two = new KeyedNode(pair, 2, TEN_MINUTES);
        for (int i = 0; i < 5; i++) {
            Await.until("keys both ways", () -> one.isReady() && two.isReady());
            there = new Flow(one, two);
            there.sent = one.dropped(DropReason.NO_SA);
            there.arrived = 0;
            loadOneWay(300);
            there.settle();
            assertEquals(0, two.dropped(DropReason.UNKNOWN_SPI) + two.dropped(DropReason.ICV_MISMATCH) + two.dropped(DropReason.REPLAYED));
            two.close();
            two = new KeyedNode(pair, 2, TEN_MINUTES);
        }
    }

    private void loadOneWay(long millis) {
        long end = System.nanoTime() + Duration.ofMillis(millis).toNanos();
        while (System.nanoTime() - end < 0) {
            there.lookForDrops();
            if (!there.move()) {
                LockSupport.parkNanos(20_000);
            }
        }
    }
}
