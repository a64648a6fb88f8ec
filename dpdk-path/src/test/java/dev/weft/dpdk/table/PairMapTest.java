package dev.weft.dpdk.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PairMapTest {

    @Test
    void shouldFindNothingInAnEmptyMap() {
        assertEquals(PairMap.NONE, new PairMap.Builder().build().get(0, 0));
    }

    @Test
    void shouldTellPairsApartThatShareAHalfOrAreSwapped() {
        PairMap map = new PairMap.Builder().put(1, 2, 10).put(2, 1, 11).put(1, 1, 12).put(0, 0, 13).build();

        assertEquals(10, map.get(1, 2));
        assertEquals(11, map.get(2, 1));
        assertEquals(12, map.get(1, 1));
        assertEquals(13, map.get(0, 0));
        assertEquals(PairMap.NONE, map.get(2, 2));
    }

    @Test
    void shouldKeepTheFirstIndexOfAPair() {
        assertEquals(3, new PairMap.Builder().put(7, 7, 3).put(7, 7, 4).build().get(7, 7));
    }

    @Test
    void shouldRefuseANegativeIndex() {
        assertThrows(IllegalArgumentException.class, () -> new PairMap.Builder().put(1, 1, PairMap.NONE));
    }

    /** An oracle that is not ours: java.util.HashMap. Keys are MACs in a row in networks in a row, as clusters have them. */
    @Test
    void shouldAgreeWithAHashMapOnManyPairs() {
        Random random = new Random(64);
        PairMap.Builder builder = new PairMap.Builder();
        Map<List<Long>, Integer> expected = new HashMap<>();
        for (int index = 0; index < 50_000; index++) {
            long network = random.nextInt(40);
            long mac = 0x0242_0a00_0000L + random.nextInt(5000);
            builder.put(network, mac, index);
            expected.putIfAbsent(List.of(network, mac), index);
        }
        PairMap map = builder.build();
        for (long network = 0; network < 42; network++) {
            for (long mac = 0x0242_0a00_0000L - 2; mac < 0x0242_0a00_0000L + 5002; mac++) {
                assertEquals(expected.getOrDefault(List.of(network, mac), PairMap.NONE), map.get(network, mac));
            }
        }
    }
}
