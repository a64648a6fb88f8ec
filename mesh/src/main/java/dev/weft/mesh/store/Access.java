package dev.weft.mesh.store;

/** Who may do what with an entry. Managers may everything, everywhere; this is about the other members. */
public enum Access {
    /** They read it. */
    READ,
    /** They do not see it. */
    NONE,
    /** They read it, and make and remove entries right below it that are named after their own node: {@code ID} or {@code ID~...}. */
    NAMED,
    /** They read it, and make entries right below it; each removes its own. */
    SHARED,
    /** They read it, and may remove the entry right below it that is named after their own node. */
    RESIGNABLE,
    /** They read it; who made it may write and remove it, and make and remove entries below it. */
    OWNED
}
