package dev.weft.api.path;

import java.net.InetAddress;
import java.util.List;

/**
 * A virtual address and those who serve it now. A flow stays with its backend as long as that is in one of the two lists.
 *
 * @param vip      one address; a service with an IPv4 and an IPv6 VIP is two states
 * @param backends addresses of live backends that take new flows, of the VIP's family, in a stable order; empty: connections are refused
 * @param draining addresses of live backends that keep the flows they have and get no new ones
 * @param spread   how new flows are spread over {@code backends}; its weights are theirs
 */
public record ServiceState(String name, InetAddress vip, List<InetAddress> backends, List<InetAddress> draining, Spread spread) {

    public ServiceState {
        backends = List.copyOf(backends);
        draining = List.copyOf(draining);
    }

    /** None drains. */
    public ServiceState(String name, InetAddress vip, List<InetAddress> backends, Spread spread) {
        this(name, vip, backends, List.of(), spread);
    }

    /** Each backend as often as the others; none drains. */
    public ServiceState(String name, InetAddress vip, List<InetAddress> backends) {
        this(name, vip, backends, Spread.EVEN);
    }
}
