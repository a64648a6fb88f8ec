package dev.weft.api.path;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.LoadBalancing;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SpreadTest {

    private static final Spread MAGLEV = new Spread(LoadBalancing.MAGLEV, false, List.of());

    private static List<InetAddress> backends(int count) {
        return IntStream.range(0, count).mapToObj(i -> InetAddress.ofLiteral("10.0." + i / 250 + "." + (2 + i % 250))).toList();
    }

    private static int[] shares(int[] slots, int backends) {
        int[] shares = new int[backends];
        for (int backend : slots) {
            shares[backend]++;
        }
        return shares;
    }

    @Test
    void shouldGiveEachBackendAsManySlotsAsItsWeight() {
        assertArrayEquals(new int[] {0, 1, 2}, Spread.EVEN.slots(backends(3)));
        assertArrayEquals(new int[] {0, 0, 0, 1}, new Spread(LoadBalancing.ROUND_ROBIN, false, List.of(3, 1)).slots(backends(2)));
        assertArrayEquals(new int[0], Spread.EVEN.slots(List.of()));
        assertArrayEquals(new int[0], MAGLEV.slots(List.of()));
    }

    @Test
    void shouldShareAMaglevTableWithinTwoPercentOfEven() {
        for (int count : new int[] {1, 2, 3, 7, 10, 11, 50, 99, 100, 300}) {
            int[] slots = MAGLEV.slots(backends(count));
            double even = (double) slots.length / count;
            for (int share : shares(slots, count)) {
                assertTrue(Math.abs(share - even) <= 0.02 * even, count + " backends, a share of " + share + " and not " + even);
            }
        }
    }

    @Test
    void shouldShareAMaglevTableByWeight() {
        int[] shares = shares(new Spread(LoadBalancing.MAGLEV, false, List.of(1, 2, 7)).slots(backends(3)), 3);
        assertEquals(0.1, shares[0] / 1009.0, 0.01);
        assertEquals(0.2, shares[1] / 1009.0, 0.01);
        assertEquals(0.7, shares[2] / 1009.0, 0.01);
    }

    @Test
    void shouldMoveUnderThreePercentOfFlowsWhenOneBackendOfAHundredGoes() {
        List<InetAddress> all = backends(100);
        int[] before = MAGLEV.slots(all);
        Random random = new Random(100);
        int[] flows = random.ints(100_000, 0, before.length).toArray();
        for (int gone = 0; gone < all.size(); gone++) {
            List<InetAddress> rest = new ArrayList<>(all);
            rest.remove(gone);
            int[] after = MAGLEV.slots(rest);
            int moved = 0;
            for (int flow : flows) {
                moved += all.get(before[flow]).equals(rest.get(after[flow])) ? 0 : 1;
            }
            assertTrue(moved < 0.03 * flows.length, moved + " of " + flows.length + " moved when backend " + gone + " went");
        }
    }

    @Test
    void shouldDependOnTheAddressesAndNotOnChance() {
        List<InetAddress> all = backends(20);
        List<InetAddress> shuffled = new ArrayList<>(all);
        Collections.shuffle(shuffled, new Random(1));
        int[] one = MAGLEV.slots(all);
        int[] other = MAGLEV.slots(shuffled);
        assertArrayEquals(one, MAGLEV.slots(backends(20)));
        int moved = 0;
        for (int slot = 0; slot < one.length; slot++) {
            moved += all.get(one[slot]).equals(shuffled.get(other[slot])) ? 0 : 1;
        }
        assertTrue(moved < 0.2 * one.length, moved + " slots of " + one.length + " follow from the order alone");
    }

    private static Spread least(Integer... weights) {
        return new Spread(LoadBalancing.LEAST_CONNECTIONS, false, List.of(weights));
    }

    @Test
    void shouldFillUpThoseWithTheFewestConnectionsAndThenGoByTurns() {
        assertArrayEquals(new int[] {1, 1, 2, 1, 2, 0, 1, 2, 0, 1, 2}, least().sequence(new int[] {4, 1, 2}, 0, 11));
        assertArrayEquals(new int[] {2, 0, 1, 2, 0}, least().sequence(new int[] {0, 0, 0}, 2, 5), "of equal ones it begins with the third");
        assertArrayEquals(new int[] {1, 1, 1, 0, 1}, least().sequence(new int[] {3, 0}, 0, 5));
        assertArrayEquals(new int[] {0, 0}, least().sequence(new int[] {7}, 0, 2));
        assertArrayEquals(new int[0], least().sequence(new int[0], 0, 5));
    }

    @Test
    void shouldDivideConnectionsByTheWeight() {
        assertArrayEquals(new int[] {0, 1, 0, 0, 0, 1, 0, 0}, least(3, 1).sequence(new int[] {0, 0}, 0, 8));
        assertArrayEquals(new int[] {1, 1, 0, 1}, least(3, 1).sequence(new int[] {6, 0}, 0, 4), "six for a weight of three are two");
        assertArrayEquals(new int[] {1, 1, 1}, least(0, 1).sequence(new int[] {0, 9}, 0, 3), "one without weight gets none");
        assertArrayEquals(new int[0], least(0, 0).sequence(new int[] {1, 2}, 0, 3));
        int most = Integer.MAX_VALUE - 10;
        assertArrayEquals(new int[] {1, 0, 1}, least(1_000, 1_000).sequence(new int[] {most, most - 1}, 0, 3), "no overflow");
    }

    /** The rule of the user-space paths, one connection after the other. */
    @Test
    void shouldChooseAsOneWhoCountsEachConnectionWould() {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            int count = 1 + random.nextInt(8);
            Integer[] weights = random.ints(count, 1, 5).boxed().toArray(Integer[]::new);
            int[] open = random.ints(count, 0, 20).toArray();
            int first = random.nextInt(count);
            int[] sequence = least(weights).sequence(open, first, 50);
            for (int chosen : sequence) {
                int best = first;
                for (int n = 1; n < count; n++) {
                    int candidate = (first + n) % count;
                    best = open[candidate] * weights[best] < open[best] * weights[candidate] ? candidate : best;
                }
                assertEquals(best, chosen);
                open[chosen]++;
            }
        }
    }

    @Test
    void shouldSayWhenConnectionsAreCounted() {
        assertTrue(least().isByLeastConnections());
        assertFalse(new Spread(LoadBalancing.LEAST_CONNECTIONS, true, List.of()).isByLeastConnections(), "affinity goes before");
        assertFalse(Spread.EVEN.isByLeastConnections());
    }
}
