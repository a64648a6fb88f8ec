package dev.weft.mesh.keys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.SaInfo;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In virtual time; {@link KeyWorld} says what must never happen, and ends a run in which it does. */
class KeyRingTest {

    private static final KeyLimits USUAL = new KeyLimits(Duration.ofHours(12), 1L << 40, 1L << 34, KeyLimits.USUAL_DRAIN);
    /** A rekey every 20 s, a life of 40 s. */
    private static final KeyLimits SHORT = new KeyLimits(Duration.ofSeconds(20), 1L << 40, 1L << 34, Duration.ofSeconds(2));

    private static KeyWorld pair(long seed, KeyLimits limits) {
        return pair(seed, limits, 20);
    }

    private static KeyWorld pair(long seed, KeyLimits limits, long packetEvery) {
        KeyWorld world = new KeyWorld(seed, limits, 2, packetEvery);
        shareAll(world, true);
        return world;
    }

    private static void shareAll(KeyWorld world, boolean value) {
        List<SimulatedNode> nodes = world.nodes();
        nodes.forEach(each -> nodes.stream().filter(other -> other != each).forEach(other -> each.share(other, value)));
    }

    private static void awaitReady(KeyWorld world, long patience) {
        long deadline = world.now() + patience;
        while (!isReady(world)) {
            assertTrue(world.now() < deadline, "ready within " + patience + " ms");
            world.runFor(50);
        }
    }

    private static boolean isReady(KeyWorld world) {
        return world.nodes().stream().allMatch(each -> world.nodes().stream().filter(other -> other != each).allMatch(each::isReadyWith));
    }

    @Test
    void shouldHaveKeysBothWaysSoonAfterANetworkIsShared() {
        KeyWorld world = pair(1, USUAL);
        awaitReady(world, 2_000);
        world.noSa = 0;
        world.runFor(60_000);
        assertEquals(0, world.noSa);
        assertEquals(2, world.keysUsed(), "one a direction");
    }

    @Test
    void shouldRekeyByTimeAndLoseNothing() {
        KeyWorld world = pair(2, USUAL, 1_000);
        awaitReady(world, 2_000);
        world.noSa = 0;
        world.runFor(Duration.ofHours(36).toMillis());
        assertEquals(0, world.noSa);
        assertTrue(world.keysUsed() >= 2 * 4 && world.keysUsed() <= 2 * 5, "three or four rekeys each way in 36 h: " + world.keysUsed());
    }

    /** The data path ends a key by the time that it has been there: what is offered has its whole life before it. */
    @Test
    void shouldNotKeepAnSaForLongThatNobodyIsThereToBeOffered() {
        KeyWorld world = pair(14, USUAL, 60_000);
        world.node("node1").kill();
        world.runFor(Duration.ofHours(40).toMillis());
        List<SaInfo> waiting = world.node("node0").process().ring().list(List.of(), id -> id);
        assertEquals(1, waiting.size());
        assertTrue(waiting.getFirst().age().compareTo(USUAL.rekeyAfter()) <= 0, waiting.toString());
        world.node("node1").boot();
        awaitReady(world, 10_000);
    }

    @Test
    void shouldRekeyByPacketsLongBeforeTheLimit() {
        KeyLimits limits = new KeyLimits(Duration.ofHours(12), 1L << 40, 1_000, Duration.ofSeconds(2));
        KeyWorld world = pair(3, limits);
        awaitReady(world, 2_000);
        world.noSa = 0;
        world.runFor(1_000_000);
        assertEquals(0, world.noSa);
        assertTrue(world.keysUsed() > 80, "50 packets a second, 1000 a key: " + world.keysUsed());
    }

    @Test
    void shouldRekeyByBytes() {
        KeyLimits limits = new KeyLimits(Duration.ofHours(12), 1_400_000, 1L << 34, Duration.ofSeconds(2));
        KeyWorld world = pair(4, limits);
        world.runFor(1_000_000);
        assertTrue(world.keysUsed() > 80, "1000 packets a key: " + world.keysUsed());
    }

    @Test
    void shouldStopAtTheLimitWhenNobodyAnswers() {
        KeyLimits limits = new KeyLimits(Duration.ofHours(12), 1L << 40, 100, Duration.ofSeconds(2));
        KeyWorld world = pair(5, limits);
        awaitReady(world, 2_000);
        world.node("node1").daemonRuns = false;
        world.runFor(10_000_000);
        long sealedTo1 = world.packets - world.noSa;
        world.runFor(60_000);
        assertEquals(sealedTo1, world.packets - world.noSa, "nothing more is sealed");
        world.node("node1").daemonRuns = true;
        awaitReady(world, 10_000);
    }

    @Test
    void shouldRekeyTwoHundredTimesAtRandomMomentsOnBothSidesAndLoseNothing() {
        KeyWorld world = pair(6, USUAL);
        awaitReady(world, 2_000);
        world.noSa = 0;
        for (int i = 0; i < 200; i++) {
            SimulatedNode node = world.nodes().get(world.random.nextInt(2));
            node.process().ring().rotate(KeyWorld.CIPHER, world.ids());
            if (world.random.nextInt(3) == 0) {
                world.nodes().get(world.random.nextInt(2)).process().ring().rotate(KeyWorld.CIPHER, world.ids());
            }
            world.runFor(world.between(200, 4_000));
        }
        world.runFor(5_000);
        assertEquals(0, world.noSa);
        assertTrue(world.keysUsed() >= 200, "many keys: " + world.keysUsed());
    }

    @Test
    void shouldLoseOnlyWhatWasUnderWayWhenAProcessDies() {
        KeyWorld world = pair(7, USUAL);
        awaitReady(world, 2_000);
        SimulatedNode mortal = world.node("node0");
        for (int i = 0; i < 50; i++) {
            world.runFor(world.between(500, 5_000));
            mortal.kill();
            world.runFor(world.between(0, 3_000));
            mortal.boot();
            awaitReady(world, 10_000);
            world.runFor(100); // what is still under way
            world.noSa = 0;
            world.toDeadProcess = 0;
            world.runFor(2_000);
            assertEquals(0, world.noSa + world.toDeadProcess, "all is well again");
        }
    }

    @Test
    void shouldGoOnWithinTheLifeOfTheKeysWhenNobodyCanTalkAndThenStop() {
        KeyWorld world = pair(8, SHORT);
        awaitReady(world, 2_000);
        world.noSa = 0;
        world.partitioned = true;
        world.runFor(19_000);
        assertEquals(0, world.noSa, "the life of the keys is not over");
        world.runFor(25_000);
        long before = world.packets - world.noSa;
        world.runFor(10_000);
        assertEquals(before, world.packets - world.noSa, "it is over");
        world.partitioned = false;
        awaitReady(world, 10_000);
        world.noSa = 0;
        world.runFor(60_000);
        assertEquals(0, world.noSa);
    }

    @Test
    void shouldBringAPeerBackThatWasAwayDuringARekey() {
        KeyWorld world = pair(9, SHORT);
        awaitReady(world, 2_000);
        world.noSa = 0;
        for (int i = 0; i < 30; i++) {
            world.partitioned = true;
            world.runFor(world.between(5_000, 15_000));
            world.partitioned = false;
            world.runFor(20_000);
        }
        assertEquals(0, world.noSa);
    }

    @Test
    void shouldNeverTakeUpAgainWhatItLetGo() {
        KeyWorld world = pair(10, USUAL);
        for (int i = 0; i < 100; i++) {
            world.runFor(world.between(0, 3_000));
            shareAll(world, false);
            world.runFor(world.between(0, 80_000));
            shareAll(world, true);
        }
        awaitReady(world, 10_000);
    }

    @Test
    void shouldWipeWhatNoDataPathHasAnyMore() {
        KeyWorld world = pair(11, USUAL);
        awaitReady(world, 2_000);
        var path = world.node("node0").path();
        var inbound = path.inbound(world.node("node1").path().outbound(world.node("node0").vtep()).spi());
        var outbound = path.outbound(world.node("node1").vtep());
        shareAll(world, false);
        world.runFor(60_000);
        for (var sa : List.of(inbound, outbound)) {
            assertThrows(IllegalStateException.class, () -> KeyWorld.keyOf(sa));
        }
    }

    @Test
    void shouldLeaveNothingOfANodeThatIsNoMemberAnyMore() {
        KeyWorld world = pair(12, USUAL);
        awaitReady(world, 2_000);
        KeyRing ring = world.node("node0").process().ring();
        assertEquals(List.of(), ring.share(List.of(), Set.of("node0")));
    }

    /** Everything at once: kills, cuts, partitions, slow data paths, rotations, networks that come and go, tiny limits. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
    void shouldKeepItsPromisesInEveryHistory(long hundreds) {
        for (long seed = hundreds * 100; seed < hundreds * 100 + 100; seed++) {
            try {
                history(seed);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }

    private static void history(long seed) {
        KeyLimits limits = new KeyLimits(Duration.ofMillis(2_000 + seed * 7919 % 60_000), 1L << 40, 20 + seed % 1_000,
                Duration.ofSeconds(5));
        KeyWorld world = new KeyWorld(seed, limits, 2 + (int) (seed % 2), 20);
        shareAll(world, true);
        for (int i = 0; i < 40; i++) {
            disturb(world);
            world.runFor(world.between(0, 3_000));
        }
        heal(world);
        awaitReady(world, 20_000);
        long delivered = world.delivered;
        world.runFor(1_000);
        assertTrue(world.delivered > delivered, "packets flow");
    }

    private static void disturb(KeyWorld world) {
        SimulatedNode node = world.nodes().get(world.random.nextInt(world.nodes().size()));
        switch (world.random.nextInt(10)) {
            case 0 -> {
                if (node.isUp()) {
                    node.kill();
                    world.after(world.between(0, 5_000), node::boot);
                }
            }
            case 1 -> world.cutLinks();
            case 2 -> {
                world.partitioned = true;
                world.after(world.between(0, 20_000), () -> world.partitioned = false);
            }
            case 3 -> node.slowestApply = world.between(1, 2_000);
            case 4 -> {
                node.daemonRuns = false;
                world.after(world.between(0, 10_000), () -> node.daemonRuns = true);
            }
            case 5 -> {
                shareAll(world, false);
                world.after(world.between(0, 20_000), () -> shareAll(world, true));
            }
            default -> {
                if (node.isUp()) {
                    node.process().ring().rotate(KeyWorld.CIPHER, world.ids());
                }
            }
        }
    }

    private static void heal(KeyWorld world) {
        world.runFor(20_000);
        world.partitioned = false;
        world.nodes().forEach(node -> node.slowestApply = 50);
    }
}
