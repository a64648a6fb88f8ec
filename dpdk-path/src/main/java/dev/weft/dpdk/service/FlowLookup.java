package dev.weft.dpdk.service;

import dev.weft.dpdk.pipeline.Burst;
import dev.weft.ffm.libc.Prefetch;

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

    /** A loop over a group: a bit for each of its packets. */
    private interface Step {

        void process(long group);
    }

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
    /** By those rounds; none after one. */
    private final Step[] steps = new Step[COMPARE + 1];
    /** Those under way, by how many rounds ago they began. */
    private final long[] groups = new long[COMPARE + 1];
    private final int[] buckets = new int[Burst.CAPACITY];
    private final int[] found = new int[Burst.CAPACITY];
    private boolean many;
    private int now;

    FlowLookup(FlowTable flows, FlowIndex index, FlowRecords records, FlowKeys keys) {
        this.flows = flows;
        this.index = index;
        this.records = records;
        this.keys = keys;
        steps[TAGS] = this::fetchTags;
        steps[RECORDS] = this::fetchRecords;
        steps[COMPARE] = this::compare;
    }

    /** Looks keys up. @param which a bit for each key @param now seconds */
    public void find(long which, int now) {
        this.now = now;
        many = flows.isWorthPrefetching();
        if (many) {
            inGroups(which);
        } else {
            step(TAGS, which);
            step(RECORDS, which);
            step(COMPARE, which);
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
            step(RECORDS, groups[RECORDS]);
            step(TAGS, groups[TAGS]);
            step(COMPARE, groups[COMPARE]);
        } while (underWay != 0);
    }

    /**
     * The only place that steps are called from: of three the JIT compiler inlines none, so that each is compiled by itself. All of them in one
     * method are beyond its end, and calls would be left in the loops.
     */
    private void step(int step, long group) {
        steps[step].process(group);
    }

    private void fetchTags(long group) {
        int count = 0;
        for (long rest = group; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            buckets[i] = index.bucket(keys.hash(i));
            lines.line(count++, index.at(buckets[i]));
        }
        if (many) {
            lines.bring(count, index.own());
        }
    }

    private void fetchRecords(long group) {
        int count = 0;
        for (long rest = group; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            found[i] = FlowIndex.first(buckets[i], index.matches(buckets[i], keys.hash(i)));
            lines.line(count++, records.at(found[i]));
        }
        if (many) {
            lines.bring(count, records.own());
        }
    }

    private void compare(long group) {
        int other = keys.other();
        for (long rest = group; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            if (!records.isLive(found[i], keys, i, other, now)) {
                found[i] = further(i);
            }
        }
    }

    /** Behind another flow with the same tag, or there is none. */
    private int further(int i) {
        return flows.find(keys, i, now);
    }

    /** The live flow of a key that was looked up, or {@link FlowTable#NONE}. */
    public int flow(int i) {
        return found[i];
    }
}
