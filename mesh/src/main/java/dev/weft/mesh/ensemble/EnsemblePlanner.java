package dev.weft.mesh.ensemble;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Who votes in the cluster store: from the managers on record and how they are, and the ensemble as it is, the next safe
 * change of the ensemble. Pure.
 *
 * <pre>
 *   one manager's server:
 *
 *                                  enough managers for the next odd number, or in place of one that is gone
 *                            +------------------------------------------------------------------------------+
 *            on record       |                        the voters are a quorum of the next ensemble          v
 *   OUTSIDE -----------> OBSERVER --------------------------------------------------------------------> VOTER
 *      ^  ^                  |  ^                                                                       |  |
 *      |  |  they are not:   |  +-----------------------------------------------------------------------+  |
 *      |  +---- release -----+          too many for an odd number, or gone while another stands by        |
 *      |                                                                                                   |
 *      +------------------------------------ not on record any more ---------------------------------------+
 *
 *   RELEASED: an OBSERVER that shall vote and is outside for a moment, as a follower without a vote; then VOTER
 * </pre>
 *
 * The number of voters is odd: an even one survives no more deaths than the odd one below it, and asks for more answers to
 * each change. ZooKeeper changes an ensemble with the consent of a majority of the old voters and of the new ones that
 * follow the leader already. An observer does not follow it in that sense; that is why, when the voters alone would be no
 * majority (1 to 3, or one in place of the only one), observers are released first.
 */
public final class EnsemblePlanner {

    /** More voters make each change slower and survive nothing that happens. */
    public static final int MOST_VOTERS = 5;

    /** How a manager is, as far as the others know. */
    public enum Presence {
        LIVE,
        /** Its session is over, but not for long: it may be restarting. */
        MISSING,
        /** Away for long enough that another takes its vote. */
        GONE
    }

    /** @param wanted whether it shall be in the ensemble at all; false when it is demoted, leaves or was removed */
    public record Manager(Presence presence, boolean wanted) {

        boolean isLive() {
            return presence == Presence.LIVE;
        }
    }

    private EnsemblePlanner() {
    }

    /**
     * What to change next.
     *
     * @param managers by the ids of their servers; a server that is in the ensemble and not among them is dropped from it
     * @param leader   stays a voter if it can
     * @return the next ensemble; nothing when all is as it should be, or when nothing can be done safely at the moment
     */
    public static Optional<Ensemble> next(Map<Integer, Manager> managers, Ensemble present, int leader) {
        if (!hasQuorum(managers, present.voters())) {
            return Optional.empty();
        }
        Set<Integer> voters = voters(managers, present, leader);
        if (!hasQuorum(managers, voters)) {
            return Optional.empty();
        }
        List<Integer> observers = managers.keySet().stream().filter(id -> managers.get(id).wanted() && !voters.contains(id)).toList();
        long following = voters.stream().filter(id -> managers.get(id).isLive() && !present.observers().contains(id)).count();
        Ensemble next = following >= Ensemble.majorityOf(voters.size())
                ? Ensemble.of(voters, observers)
                : Ensemble.of(present.voters(), present.observers().stream().filter(id -> !voters.contains(id)).toList());
        return next.equals(present) ? Optional.empty() : Optional.of(next);
    }

    /** Of those who could vote the best ones, and so many of them that most deaths are survived. */
    private static Set<Integer> voters(Map<Integer, Manager> managers, Ensemble present, int leader) {
        List<Integer> pool = managers.keySet().stream()
                .filter(id -> managers.get(id).wanted() && (present.voters().contains(id) || managers.get(id).isLive()))
                .sorted(Comparator.<Integer>comparingInt(id -> rank(managers.get(id).presence(), present.voters().contains(id)))
                        .thenComparing(id -> id != leader).thenComparing(Comparator.naturalOrder()))
                .toList();
        int there = (int) pool.stream().filter(id -> managers.get(id).presence() != Presence.GONE).count();
        int size = IntStream.rangeClosed(1, Math.min(MOST_VOTERS, pool.size())).filter(n -> n % 2 == 1).boxed()
                .max(Comparator.<Integer>comparingInt(n -> Math.min(n, there) - Ensemble.majorityOf(n)).thenComparing(Comparator.naturalOrder()))
                .orElse(0);
        return new TreeSet<>(pool.subList(0, size));
    }

    private static int rank(Presence presence, boolean votes) {
        return switch (presence) {
            case LIVE -> votes ? 0 : 2;
            case MISSING -> 1;
            case GONE -> 3;
        };
    }

    private static boolean hasQuorum(Map<Integer, Manager> managers, Set<Integer> voters) {
        return liveOf(managers, voters) >= Ensemble.majorityOf(voters.size());
    }

    private static long liveOf(Map<Integer, Manager> managers, Set<Integer> servers) {
        return servers.stream().filter(id -> managers.containsKey(id) && managers.get(id).isLive()).count();
    }

    /**
     * Whether a manager may be taken out.
     *
     * @return why not; nothing when it is safe
     */
    public static Optional<String> whyNotWithout(int server, Map<Integer, Manager> managers, Ensemble present) {
        int voters = present.voters().size();
        if (!hasQuorum(managers, present.voters())) {
            return Optional.of(liveOf(managers, present.voters()) + " of " + voters + " managers that vote are there, which is no majority");
        }
        if (managers.entrySet().stream().noneMatch(each -> each.getKey() != server && each.getValue().wanted())) {
            return Optional.of("it is the only manager");
        }
        long rest = managers.entrySet().stream().filter(each -> each.getKey() != server && present.contains(each.getKey())
                && each.getValue().wanted() && each.getValue().isLive()).count();
        return !present.voters().contains(server) || rest >= Ensemble.majorityOf(voters) ? Optional.empty()
                : Optional.of("without it " + rest + " of " + voters + " managers that vote would be there, which is no majority");
    }
}
