package dev.weft.mesh.cluster;

import dev.weft.api.WeftException;
import dev.weft.mesh.store.StoreConflict;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/** Optimistic transactions: read, decide, commit, and all again when somebody was faster. */
final class Retry {

    /** Each round somebody makes progress, so many clients at once need many rounds. */
    private static final int ROUNDS = 200;

    private Retry() {
    }

    /** @param round decides everything anew; a {@link StoreConflict} means that what it had read has changed */
    static <T> T whileConflicting(String what, Supplier<T> round) {
        return whileConflicting(what, number -> round.get());
    }

    /** The same for those who do otherwise when others are often faster. @param round gets how often they have been so far */
    static <T> T whileConflicting(String what, IntFunction<T> round) {
        StoreConflict last = null;
        for (int i = 0; i < ROUNDS; i++) {
            try {
                return round.apply(i);
            } catch (StoreConflict e) {
                last = e;
            }
        }
        throw new WeftException.ManagerUnreachable("gave up to " + what + " after " + ROUNDS
                + " rounds in which others were faster; try again", last);
    }
}
