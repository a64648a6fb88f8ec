package dev.weft.dpdk.underlay;

import dev.weft.api.Cidr;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which neighbour a VTEP is reached through. Immutable. Without a matching route the VTEP is taken for a neighbour itself: on a
 * link that nobody has described, asking for it is the only thing that can work.
 *
 * @param routes longest prefix first; of equal ones the better metric first
 */
public record RouteTable(List<Route> routes) {

    /** Everybody is a neighbour. */
    public static final RouteTable ON_LINK = new RouteTable(List.of());

    /** One route; without a gateway its destinations are neighbours. */
    public record Route(Cidr destination, Optional<InetAddress> gateway, long metric) {
    }

    public RouteTable {
        routes = routes.stream()
                .sorted(Comparator.comparingInt((Route route) -> -route.destination().prefixLength()).thenComparingLong(Route::metric))
                .toList();
    }

    /** The neighbour to hand packets for the target to: a gateway, or the target itself. */
    public InetAddress nextHop(InetAddress target) {
        return routes.stream().filter(route -> route.destination().contains(target)).findFirst()
                .flatMap(Route::gateway).orElse(target);
    }
}
