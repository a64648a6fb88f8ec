package dev.weft.api.path;

import dev.weft.api.wire.AddressBits;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Maglev's table of backends (Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load Balancer", NSDI 2016, 3.4): each
 * backend has its own order of all slots, and in turn each takes the first one of its order that is free. A backend of weight w
 * takes its turn w times as often as one of weight 1. Pure: the same backends give the same table on every node.
 */
public final class MaglevTable {

    /** Primes, a hundred slots a backend or more, which keeps shares within one percent; the last one is the paper's. */
    private static final int[] SIZES = {1_009, 10_007, 65_537};
    private static final int SLOTS_OF_ONE = 100;
    private static final int FREE = -1;
    /** Constants of SplitMix64 (Steele et al., OOPSLA 2014). */
    private static final long GAMMA = 0x9e37_79b9_7f4a_7c15L;

    private MaglevTable() {
    }

    /**
     * @param weight of each backend, by its position
     * @return positions of backends, of which each is there in proportion to its weight; empty when there are none
     */
    public static int[] of(List<InetAddress> backends, IntUnaryOperator weight) {
        if (backends.isEmpty()) {
            return new int[0];
        }
        int size = size(backends.size());
        int heaviest = 1;
        int[] next = new int[backends.size()];
        int[] skip = new int[backends.size()];
        for (int i = 0; i < next.length; i++) {
            long hash = mix(AddressBits.high(backends.get(i)) ^ mix(AddressBits.low(backends.get(i))));
            next[i] = (int) Long.remainderUnsigned(hash, size);
            skip[i] = (int) Long.remainderUnsigned(mix(hash), size - 1) + 1;
            heaviest = Math.max(heaviest, weight.applyAsInt(i));
        }
        int[] table = new int[size];
        Arrays.fill(table, FREE);
        int[] credit = new int[next.length];
        for (int filled = 0; filled < size;) {
            for (int i = 0; i < next.length && filled < size; i++) {
                credit[i] += weight.applyAsInt(i);
                if (credit[i] >= heaviest) {
                    credit[i] -= heaviest;
                    take(table, next, skip[i], i);
                    filled++;
                }
            }
        }
        return table;
    }

    private static void take(int[] table, int[] next, int skip, int backend) {
        int slot = next[backend];
        while (table[slot] != FREE) {
            slot = (slot + skip) % table.length;
        }
        table[slot] = backend;
        next[backend] = (slot + skip) % table.length;
    }

    private static int size(int backends) {
        return Arrays.stream(SIZES).filter(size -> size >= backends * SLOTS_OF_ONE).findFirst().orElse(SIZES[SIZES.length - 1]);
    }

    private static long mix(long value) {
        long mixed = value + GAMMA;
        mixed = (mixed ^ mixed >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d0_49bb_1331_11ebL;
        return mixed ^ mixed >>> 31;
    }
}
