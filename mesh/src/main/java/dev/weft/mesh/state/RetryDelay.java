package dev.weft.mesh.state;

/** How long to wait before a failed thing is tried again: doubled each time, with an upper bound. */
public final class RetryDelay {

    private static final long SHORTEST_MS = 100;
    private static final long LONGEST_MS = 5_000;

    private RetryDelay() {
    }

    /** @param failures in a row, 1 or more */
    public static long afterMillis(int failures) {
        return Math.min(LONGEST_MS, SHORTEST_MS << Math.min(failures - 1, 10));
    }
}
