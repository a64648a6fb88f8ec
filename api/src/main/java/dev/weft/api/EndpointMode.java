package dev.weft.api;

/** How clients find the backends behind a service's name. */
public enum EndpointMode {
    /** The name is a virtual address; the data path spreads the connections. */
    VIP,
    /** DNS round robin: the name is the addresses of all live backends, in an order that rotates with each question. */
    DNSRR
}
