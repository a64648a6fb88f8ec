package dev.weft.mesh.cluster;

import dev.weft.mesh.ipam.AddressPool;
import dev.weft.mesh.model.NetworkRecord;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Finds addresses that nobody has claimed, for one round of one caller.
 *
 * <p>While a network has few claims they are read, and the lowest free address is the one. When it has many, addresses are tried
 * instead, among twice as many as there are claims, so that at least every second one is free; the claims are read only when
 * the range is nearly full. A caller that was beaten to an address looks further afield in the next round: a hundred nodes that attach
 * at once would otherwise go for the same address a hundred times.
 */
final class FreeAddresses {

    private static final int FEW_CLAIMS = 256;
    private static final int TRIES = 16;
    private static final int WIDEST_CHOICE_BITS = 8;

    private final Claims claims;
    private final NetworkRecord network;
    private final int round;
    private final RandomGenerator random;
    private final int claimed;
    private Set<InetAddress> taken;

    /** @param round how often others have been faster so far */
    FreeAddresses(Claims claims, NetworkRecord network, int round, RandomGenerator random) {
        this.claims = claims;
        this.network = network;
        this.round = round;
        this.random = random;
        this.claimed = claims.countOf(network);
    }

    boolean isTaken(InetAddress address) {
        return taken == null ? claims.isTaken(network, address) : taken.contains(address);
    }

    Optional<InetAddress> in(AddressPool pool) {
        return claimed <= FEW_CLAIMS ? low(pool) : tried(pool).or(() -> low(pool));
    }

    private Optional<InetAddress> tried(AddressPool pool) {
        long window = Math.min(pool.size(), 2L * claimed + FEW_CLAIMS);
        for (int i = 0; i < TRIES; i++) {
            InetAddress candidate = pool.at(random.nextLong(window));
            if (pool.reservedAs(candidate).isEmpty() && !isTaken(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    private Optional<InetAddress> low(AddressPool pool) {
        taken = taken == null ? claims.addressesOf(network) : taken;
        List<InetAddress> free = pool.lowestFree(taken, 1 << Math.min(round, WIDEST_CHOICE_BITS));
        return free.isEmpty() ? Optional.empty() : Optional.of(free.get(free.size() == 1 ? 0 : random.nextInt(free.size())));
    }
}
