package dev.weft.api.path;

import java.net.InetAddress;
import java.util.List;

/**
 * A virtual address and those who serve it now.
 *
 * @param vip      one address; a service with an IPv4 and an IPv6 VIP is two states
 * @param backends addresses of live backends, of the VIP's family, in a stable order; empty: connections are refused
 * @param spread   how connections are spread over them; its weights are theirs
 */
public record ServiceState(String name, InetAddress vip, List<InetAddress> backends, Spread spread) {

    public ServiceState {
        backends = List.copyOf(backends);
    }

    /** Each backend as often as the others. */
    public ServiceState(String name, InetAddress vip, List<InetAddress> backends) {
        this(name, vip, backends, Spread.EVEN);
    }
}
