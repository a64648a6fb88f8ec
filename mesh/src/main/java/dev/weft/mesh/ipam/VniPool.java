package dev.weft.mesh.ipam;

import dev.weft.api.NetworkSpec;
import java.util.OptionalInt;
import java.util.Set;

/** VNIs of networks that name none: 4096 and up, so that small ones stay free for those who name theirs. Pure. */
public final class VniPool {

    public static final int FIRST = 0x1000;

    private VniPool() {
    }

    /** The first free one from {@code start} on, going round at the end. */
    public static OptionalInt firstFree(int start, Set<Integer> taken) {
        int candidate = start;
        for (int tried = FIRST; tried <= NetworkSpec.MAX_VNI; tried++) {
            if (!taken.contains(candidate)) {
                return OptionalInt.of(candidate);
            }
            candidate = after(candidate);
        }
        return OptionalInt.empty();
    }

    public static int after(int vni) {
        return vni >= NetworkSpec.MAX_VNI ? FIRST : vni + 1;
    }
}
