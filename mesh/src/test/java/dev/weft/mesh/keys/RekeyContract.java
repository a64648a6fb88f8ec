package dev.weft.mesh.keys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.SaInfo;
import dev.weft.api.counter.DropReason;
import dev.weft.mesh.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Two data paths that encrypt to each other as fast as they can while their keys are replaced and one of the two nodes starts again, with
 * clocks ten minutes apart: every frame is accounted for.
 */
public abstract class RekeyContract {

    protected static final KeyLimits USUAL = new KeyLimits(Duration.ofHours(12), 1L << 40, 1L << 34, Duration.ofSeconds(2));
    /** Old keys go soon, so that one that goes too early is seen; by clocks that wait for frames, see {@link #letTimePass}. */
    private static final KeyLimits SHORT_DRAIN = new KeyLimits(Duration.ofHours(12), 1L << 40, 1L << 34, Duration.ofMillis(500));
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Handshakes that are not done within twenty seconds are begun again: an emulated processor that gets little of a real one needs some more. */
    private static final Duration PATIENCE_WITH_HANDSHAKES = Duration.ofMinutes(10);
    /** Frames under way each way: as many as fit the receive buffer, so that none is lost there. */
    private static final int WINDOW = 32;
    /** Of the clocks that keys live by, when they are told what time it is. */
    private static final Duration STEP = Duration.ofMillis(50);
    protected static final int PAYLOAD = 600;
    protected static final long TEN_MINUTES = Duration.ofMinutes(10).toMillis();

    protected KeyedNode one;
    protected KeyedNode two;
    protected Flow there;
    protected Flow back;
    /** When the clocks that keys live by were told the time last; null while they run by themselves. */
    private Long told;

    protected abstract KeyedNode.Pair pair(KeyLimits limits) throws IOException;

    protected int rekeys() {
        return 200;
    }

    protected int restarts() {
        return 3;
    }

    /** Packets that the hosts' kernels lost or refused so far, each where it happened: for paths that count less than all of that themselves. */
    protected Map<String, Long> lostInKernels() {
        return Map.of();
    }

    protected void start(KeyedNode.Pair pair) {
        one = new KeyedNode(pair, 1, 0);
        two = new KeyedNode(pair, 2, TEN_MINUTES);
        awaitTraffic();
    }

    /** Keys are there, and next hops are known: from now on nothing is lost. */
    private void awaitTraffic() {
        Await.until("keys both ways", PATIENCE_WITH_HANDSHAKES, () -> one.isReady() && two.isReady());
        awaitOne(one, two);
        awaitOne(two, one);
        there = new Flow(one, two);
        back = new Flow(two, one);
    }

    private static void awaitOne(KeyedNode from, KeyedNode to) {
        long before = to.probes();
        Await.until("a first frame", () -> {
            from.send(-1, PAYLOAD);
            LockSupport.parkNanos(20_000_000);
            return to.probes() > before;
        });
    }

    @AfterEach
    protected void closeNodes() {
        one.close();
        two.close();
    }

    /** Frames from one node to the other, no more of them under way than fit. */
    final class Flow {
        private final KeyedNode from;
        private final KeyedNode to;
        long sent;
        long arrived;
        /** Sent and dropped at either end, each counted there. */
        long dropped;

        /** Sent when the clocks were told the time last. */
        private long sentBefore;
        private final long arrivedBefore;
        private final long droppedBefore;

        Flow(KeyedNode from, KeyedNode to) {
            this.from = from;
            this.to = to;
            arrivedBefore = to.receive();
            droppedBefore = droppedNow();
        }

        boolean move() {
            boolean moved = false;
            while (sent - arrived - dropped < WINDOW && from.send(sent, PAYLOAD)) {
                sent++;
                moved = true;
            }
            long now = to.receive() - arrivedBefore;
            moved |= now > arrived;
            arrived = now;
            return moved;
        }

        void lookForDrops() {
            dropped = droppedNow() - droppedBefore;
        }

        private long droppedNow() {
            return from.dropped(DropReason.NO_SA) + to.dropped(DropReason.UNKNOWN_SPI);
        }

        void settle() {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (sent != arrived + dropped) {
                arrived = to.receive() - arrivedBefore;
                lookForDrops();
                assertTrue(System.nanoTime() - deadline < 0, () -> sent + " frames sent, " + arrived + " arrived, " + dropped + " dropped; "
                        + from.path().counters().counters() + to.path().counters().counters() + lostInKernels());
                LockSupport.parkNanos(1_000_000);
            }
        }
    }

    void loadFor(long millis) {
        long end = System.nanoTime() + Duration.ofMillis(millis).toNanos();
        while (System.nanoTime() - end < 0) {
            boolean rests = !there.move() & !back.move();
            if (told != null) {
                letTimePass();
            }
            if (rests) {
                LockSupport.parkNanos(20_000);
            }
        }
    }

    /** A step of time, once all has arrived that was sent before the last one: so no key goes while a slow machine has frames of it under way. */
    private void letTimePass() {
        Duration since = Duration.ofNanos(System.nanoTime() - told);
        if (since.toMillis() > 0 && there.arrived + there.dropped >= there.sentBefore && back.arrived + back.dropped >= back.sentBefore) {
            told = System.nanoTime();
            there.sentBefore = there.sent;
            back.sentBefore = back.sent;
            List.of(one, two).forEach(node -> node.letTimePass(since.compareTo(STEP) < 0 ? since : STEP));
        }
    }

    private void stopClocks() {
        one.stopClock();
        two.stopClock();
        told = System.nanoTime();
    }

    private void letClocksRun() {
        told = null;
        one.letClockRun();
        two.letClockRun();
    }

    protected static Set<Integer> spis(KeyedNode node) {
        Set<Integer> spis = new HashSet<>();
        node.ring().list(List.of(), id -> id).stream().filter(SaInfo::outbound).forEach(each -> spis.add(each.spi()));
        return spis;
    }

    /** But for what is no frame of ours: kernels at a wire say things to each other. */
    private static Map<DropReason, Long> drops(KeyedNode node) {
        Map<DropReason, Long> drops = new EnumMap<>(DropReason.class);
        EnumSet.complementOf(EnumSet.of(DropReason.CONSUMED, DropReason.NOT_FOR_US)).forEach(reason -> drops.put(reason, node.dropped(reason)));
        return drops;
    }

    @Test
    void shouldRekeyManyTimesUnderLoadWhileOneSideStartsAgainAndLoseNothing() throws IOException {
        KeyedNode.Pair pair = pair(SHORT_DRAIN);
        start(pair);
        Random random = new Random(11);
        for (int life = 0; life <= restarts(); life++) {
            if (life > 0) {
                dieAndStartAgain(pair);
            }
            stopClocks();
            rekeyUnderLoad(rekeys() / (restarts() + 1), random);
            letClocksRun();
        }
    }

    private void rekeyUnderLoad(int times, Random random) {
        List<Map<DropReason, Long>> before = List.of(drops(one), drops(two));
        Map<String, Long> lostBefore = lostInKernels();
        Set<Integer> used = new HashSet<>(); // two to begin with, and the rekeys
        long deadline = System.nanoTime() + PATIENCE_WITH_HANDSHAKES.toNanos();
        while (used.size() < times + 2 || there.arrived <= 10 * times || back.arrived <= 10 * times) {
            assertTrue(System.nanoTime() - deadline < 0, () -> used.size() + " keys, " + there.arrived + " and " + back.arrived + " frames");
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
        assertEquals(before, List.of(drops(one), drops(two)), "nothing was dropped, for whatever reason");
        assertEquals(lostBefore, lostInKernels());
    }

    /** Under load: what is lost is what was under way at that moment, and no more than that can be. */
    private void dieAndStartAgain(KeyedNode.Pair pair) {
        loadFor(100);
        there.lookForDrops();
        long underWay = there.sent - there.arrived - there.dropped;
        assertTrue(underWay >= 0 && underWay <= WINDOW, underWay + " frames under way");
        two.close();
        two = new KeyedNode(pair, 2, TEN_MINUTES);
        awaitTraffic();
    }
}
