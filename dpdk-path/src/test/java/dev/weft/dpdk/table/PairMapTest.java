package dev.weft.dpdk.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PairMapTest {

    @Test
    void shouldFindNothingInAnEmptyMap() {
        assertEquals(PairMap.NONE, new PairMap.Editor().snapshot().get(0, 0));
    }

    @Test
    void shouldTellPairsApartThatShareAHalfOrAreSwapped() {
        PairMap map = new PairMap.Editor().put(1, 2, 10).put(2, 1, 11).put(1, 1, 12).put(0, 0, 13).snapshot();

        assertEquals(10, map.get(1, 2));
        assertEquals(11, map.get(2, 1));
        assertEquals(12, map.get(1, 1));
        assertEquals(13, map.get(0, 0));
        assertEquals(PairMap.NONE, map.get(2, 2));
    }

    @Test
    void shouldGiveAPairAnotherIndexAndLeaveSnapshotsAsTheyWere() {
        PairMap.Editor editor = new PairMap.Editor().put(7, 7, 3);
        PairMap before = editor.snapshot();
        assertSame(before, editor.put(7, 7, 3).remove(8, 8).snapshot());
        assertEquals(4, editor.put(7, 7, 4).snapshot().get(7, 7));
        assertEquals(3, before.get(7, 7));
        assertEquals(PairMap.NONE, editor.remove(7, 7).snapshot().get(7, 7));
    }

    @Test
    void shouldRefuseANegativeIndex() {
        assertThrows(IllegalArgumentException.class, () -> new PairMap.Editor().put(1, 1, PairMap.NONE));
    }

    /** An oracle that is not ours: java.util.HashMap. Keys are MACs in a row in networks in a row, as clusters have them. */
    @Test
    void shouldAgreeWithAHashMapOnManyPairs() {
        Random random = new Random(64);
        PairMap.Editor editor = new PairMap.Editor();
        Map<List<Long>, Integer> expected = new HashMap<>();
        for (int index = 0; index < 50_000; index++) {
            long network = random.nextInt(40);
            long mac = 0x0242_0a00_0000L + random.nextInt(5000);
            editor.put(network, mac, index);
            expected.put(List.of(network, mac), index);
        }
        PairMap map = editor.snapshot();
        for (long network = 0; network < 42; network++) {
            for (long mac = 0x0242_0a00_0000L - 2; mac < 0x0242_0a00_0000L + 5002; mac++) {
                assertEquals(expected.getOrDefault(List.of(network, mac), PairMap.NONE), map.get(network, mac));
            }
        }
    }

    /** It grows over several pages and shrinks again, twice; each snapshot is what the model was then, and stays so. */
    @Test
    void shouldAgreeWithAHashMapWhilePairsComeAndGo() {
        Random random = new Random(65);
        PairMap.Editor editor = new PairMap.Editor();
        Map<List<Long>, Integer> model = new HashMap<>();
        Map<PairMap, Map<List<Long>, Integer>> snapshots = new IdentityHashMap<>();
        for (int round = 0; round < 48; round++) {
            boolean growing = round % 24 < 12;
            for (int change = 0; change < 600; change++) {
                List<Long> pair = List.of((long) random.nextInt(2), (long) random.nextInt(2_000));
                if (random.nextInt(8) > 0 == growing) {
                    editor.put(pair.getFirst(), pair.getLast(), change);
                    model.put(pair, change);
                } else {
                    editor.remove(pair.getFirst(), pair.getLast());
                    model.remove(pair);
                }
            }
            assertEquals(model.size(), editor.size());
            snapshots.put(editor.snapshot(), new HashMap<>(model));
        }
        snapshots.forEach((map, expected) -> {
            for (long a = 0; a < 3; a++) {
                for (long b = -1; b < 2_001; b++) {
                    assertEquals(expected.getOrDefault(List.of(a, b), PairMap.NONE), map.get(a, b));
                }
            }
        });
    }
}
