package dev.weft.dpdk.table;

import dev.weft.api.wire.AddressBits;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The VTEPs that remote endpoints are behind, each with an index that it keeps while it is needed. One thread at a time.
 */
final class VtepEditor {

    private final List<InetAddress> byIndex = new ArrayList<>();
    private final List<Integer> users = new ArrayList<>();
    private final PairMap.Editor indices = new PairMap.Editor();
    private final BitSet unused = new BitSet();
    private List<InetAddress> last = List.of();
    private boolean changed;

    int acquire(InetAddress vtep) {
        int index = index(vtep);
        if (index == PairMap.NONE) {
            index = unused.isEmpty() ? byIndex.size() : unused.nextSetBit(0);
            if (index == byIndex.size()) {
                byIndex.add(vtep);
                users.add(0);
            } else {
                byIndex.set(index, vtep);
            }
            indices.put(AddressBits.high(vtep), AddressBits.low(vtep), index);
            unused.clear(index);
            changed = true;
        }
        users.set(index, users.get(index) + 1);
        return index;
    }

    /** @return its index */
    int release(InetAddress vtep) {
        int index = index(vtep);
        users.set(index, users.get(index) - 1);
        changed |= users.get(index) == 0;
        return index;
    }

    int index(InetAddress vtep) {
        return indices.get(AddressBits.high(vtep), AddressBits.low(vtep));
    }

    PairMap indices() {
        return indices.snapshot();
    }

    /**
     * By index; the same object while nothing changes. Those that nobody needs any more are forgotten now and not before, so that one
     * that loses its last endpoint and gets another stays. An index that nobody has names a VTEP that another one has, so that those who
     * go through the list meet no VTEP that is gone.
     */
    List<InetAddress> snapshot() {
        if (changed) {
            forgetUnused();
            int used = unused.nextClearBit(0);
            if (used == byIndex.size()) {
                byIndex.clear();
                users.clear();
                unused.clear();
            }
            unused.stream().forEach(index -> byIndex.set(index, byIndex.get(used)));
            last = List.copyOf(byIndex);
            changed = false;
        }
        return last;
    }

    private void forgetUnused() {
        for (int index = 0; index < byIndex.size(); index++) {
            if (users.get(index) == 0 && !unused.get(index)) {
                indices.remove(AddressBits.high(byIndex.get(index)), AddressBits.low(byIndex.get(index)));
                unused.set(index);
            }
        }
    }
}
