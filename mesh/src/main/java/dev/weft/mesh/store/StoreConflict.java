package dev.weft.mesh.store;

/** A transaction met something else than it expected, and changed nothing. */
public final class StoreConflict extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What was met. */
    public enum Kind {
        EXISTS, MISSING, STALE, NOT_EMPTY
    }

    private final Kind kind;
    private final String path;

    public StoreConflict(Kind kind, String path) {
        super(kind + " at " + path);
        this.kind = kind;
        this.path = path;
    }

    public Kind kind() {
        return kind;
    }

    /** The path of the first change that failed. */
    public String path() {
        return path;
    }
}
