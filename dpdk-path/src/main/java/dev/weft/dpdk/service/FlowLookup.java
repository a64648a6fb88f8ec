package dev.weft.dpdk.service;

import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.pipeline.StageChain;
import dev.weft.ffm.libc.Prefetch;
import java.util.Arrays;
import java.util.List;

/**
 * Finds the flows of a burst's packets. What a look-up reads, a bucket's tags and by these a record, is brought nearer before, for a group of
 * packets while those of the groups before it are compared. Where flows are few, all is near, and all packets are one group. Changes nothing. The
 * table's owner's.
 *
 * <pre>
 *   round    0   1   2   3   4   5
 *   tags     A   B   C   D            are fetched
 *   records          A   B   C   D    are chosen by the tags, and fetched
 *   keys                 A   B   C    are compared with the records
 * </pre>
 */
public final class FlowLookup {

    private static final long GROUP = -1L >>> Long.SIZE - Prefetch.atATime();
    /** Rounds after which a group comes to each step: what the one before fetched is there by then. */
    private static final int TAGS = 0;
    private static final int RECORDS = 2;
    private static final int COMPARE = 3;

    private final FlowTable flows;
    private final FlowIndex index;
    private final FlowRecords records;
    private final FlowKeys keys;
    private final Prefetch lines = new Prefetch();
    /**
     * Each a loop over a group, which the JIT compiler takes by itself: all in one method are beyond its end, and calls would be left in them.
     * Stages for the chain's sake: they know their packets by the keys, and look at no burst.
     */
    private final Stage steps = StageChain.of(List.of(this::fetchTags, this::fetchRecords, this::compare));
    /** Those under way, by how many rounds ago they began. */
    private final long[] groups = new long[COMPARE + 1];
    private final int[] found = new int[Burst.CAPACITY];
    private boolean many;
    private int now;

    FlowLookup(FlowTable flows, FlowIndex index, FlowRecords records, FlowKeys keys) {
        this.flows = flows;
        this.index = index;
        this.records = records;
        this.keys = keys;
    }

    /** Looks keys up. @param which a bit for each key @param now seconds */
    public void find(long which, int now) {
        this.now = now;
        many = flows.isWorthPrefetching();
        Arrays.fill(groups, many ? 0 : which);
        if (many) {
            inGroups(which);
        } else {
            steps.process(null);
        }
    }

    private void inGroups(long which) {
        long rest = which;
        long underWay;
        do {
            System.arraycopy(groups, 0, groups, 1, COMPARE);
            groups[TAGS] = Long.expand(GROUP, rest); // the lowest bits of the rest
            rest ^= groups[TAGS];
            underWay = groups[TAGS] | groups[1] | groups[RECORDS];
            steps.process(null);
        } while (underWay != 0);
    }

    private void fetchTags(Burst none) {
        long group = groups[TAGS];
        int count = 0;
        for (long rest = group; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            lines.line(count++, index.at(index.bucket(keys.hash(i))));
        }
        if (many) {
            lines.bring(count, index.own());
        }
    }

    private void fetchRecords(Burst none) {
        long group = groups[RECORDS];
        int count = 0;
        for (long rest = group; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            long hash = keys.hash(i);
            int bucket = index.bucket(hash);
            int flow = FlowIndex.first(bucket, index.matches(bucket, hash));
            found[i] = flow;
            lines.line(count++, records.at(flow));
        }
        if (many) {
            lines.bring(count, records.own());
        }
    }

    private void compare(Burst none) {
        long group = groups[COMPARE];
        int other = keys.other();
        long elsewhere = 0;
        for (long rest = group; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            if (!records.isLive(found[i], keys, i, other, now)) {
                elsewhere |= 1L << i;
            }
        }
        if (elsewhere != 0) {
            further(elsewhere);
        }
    }

    /** Behind another flow with the same tag, or there is none. Apart, for after a call all fields are read again, in each round of the loop. */
    private void further(long which) {
        for (long rest = which; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            found[i] = flows.find(keys, i, now);
        }
    }

    /** The live flow of a key that was looked up, or {@link FlowTable#NONE}. */
    public int flow(int i) {
        return found[i];
    }
}
