package dev.weft.api;

/** Where a published port answers. */
public enum PublishMode {
    /** On every node, whether or not a backend runs there. */
    INGRESS,
    /** On the nodes that have a backend, which gets the connections to its own node only. */
    HOST
}
