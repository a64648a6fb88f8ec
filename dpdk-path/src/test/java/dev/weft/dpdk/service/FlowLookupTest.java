package dev.weft.dpdk.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.weft.dpdk.table.LiveFlows;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Look-ups of bursts, against those of one key. */
class FlowLookupTest {

    private static final long TUPLE = FlowTable.tuple(77, 17, 1024, 53);
    private static final int BURST = 64;

    private final FlowTable table = new FlowTable(1 << 15);
    private final FlowKeys keys = FlowKeys.ofVips(BURST);
    private final FlowLookup lookup = table.lookup(keys);
    private final LiveFlows live = new LiveFlows();
    private final SplittableRandom random = new SplittableRandom(20_261_127);

    /** One fewer than are brought nearer, and so many. */
    @ParameterizedTest
    @ValueSource(ints = {FlowTable.WORTH_PREFETCHING - 1, FlowTable.WORTH_PREFETCHING})
    void shouldFindWhatIsFoundOneByOneInAnyPartOfABurst(int flows) {
        fill(flows);
        for (int round = 0; round < 20_000; round++) {
            boolean reply = random.nextBoolean();
            int now = random.nextInt(600);
            ask(2 * flows, reply);
            long which = random.nextLong() & random.nextLong();
            lookup.find(which, now);
            for (long rest = which; rest != 0; rest &= rest - 1) {
                int i = Long.numberOfTrailingZeros(rest);
                assertEquals(table.find(keys, i, now), lookup.flow(i));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, FlowTable.WORTH_PREFETCHING})
    void shouldFindAllOfAFullBurstAndNothingOfAnEmptyOne(int flows) {
        fill(flows);
        for (int i = 0; i < BURST; i++) {
            keys.write(i, TUPLE, 0, i % flows, 0, 9);
        }
        lookup.find(-1, 0);
        for (int i = 0; i < BURST; i++) {
            assertNotEquals(FlowTable.NONE, lookup.flow(i));
            assertEquals(table.find(keys, i, 0), lookup.flow(i));
        }
        int before = lookup.flow(5);
        keys.write(5, TUPLE, 0, 999_999, 0, 9);
        lookup.find(0, 0);
        assertEquals(before, lookup.flow(5), "nothing was asked for");
        lookup.find(1 << 5, 0);
        assertEquals(FlowTable.NONE, lookup.flow(5));
    }

    /** Flows of one client port to many VIPs have the same tag, and go on into other buckets. */
    @Test
    void shouldFindFlowsBehindOthersOfTheSameTag() {
        fill(FlowTable.WORTH_PREFETCHING);
        for (int vip = 100; vip < 100 + BURST; vip++) {
            keys.write(0, TUPLE, 0, 1_000_000, 0, vip);
            table.put(keys, 0, 0, vip, FlowState.UDP, live, 0);
        }
        for (int i = 0; i < BURST; i++) {
            keys.write(i, TUPLE, 0, 1_000_000, 0, 100 + BURST - 1 - i);
        }
        lookup.find(-1, 0);
        for (int i = 0; i < BURST; i++) {
            assertEquals(100 + BURST - 1 - i, table.vipLow(lookup.flow(i)));
        }
    }

    private void fill(int flows) {
        for (int flow = 0; flow < flows; flow++) {
            keys.write(0, TUPLE, 0, flow, 0, 9);
            assertNotEquals(FlowTable.NONE, table.put(keys, 0, 0, 10, FlowState.UDP, live, flow % 300));
        }
    }

    private void ask(int clients, boolean reply) {
        keys.ofReplies(reply);
        for (int i = 0; i < BURST; i++) {
            int client = random.nextInt(clients);
            if (reply) {
                keys.write(i, TUPLE, 0, 10, 0, client);
            } else {
                keys.write(i, TUPLE, 0, client, 0, 9);
            }
        }
    }
}
