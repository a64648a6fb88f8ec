package dev.weft.mesh.keys;

/** A connection with a peer that has proved who it is. Both calls return at once and may be made under a lock. */
interface KeyLink {

    /** In order. An offer's key may be wiped as soon as this returns: its bytes are taken at once. */
    void send(KeyMessage message);

    /** Idempotent; {@link KeyRing#closed} is called later, never within this call. @param why for the log */
    void close(String why);

    /** Whether this node opened it. */
    boolean isOutgoing();
}
