package dev.weft.api;

/** Which backend a new connection to a VIP gets. */
public enum LoadBalancing {
    /** Any, each as often as its weight says. */
    ROUND_ROBIN,
    /**
     * The one that a Maglev table (Eisenbud et al., NSDI 2016) has for the client's address and port: the same again, on this node, as
     * long as there is no other reason, and when a backend comes or goes few connections would get another one.
     */
    MAGLEV,
    /** The one that has the fewest open connections (and UDP flows) of this node's clients, for its weight. */
    LEAST_CONNECTIONS
}
