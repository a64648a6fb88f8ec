/** Cluster state, addresses, services, and the node. */
module dev.weft.mesh {
    requires transitive dev.weft.api;
}
