package dev.weft.api;

import java.util.List;

/**
 * The TCP ports of a node at its advertise address. A worker uses {@link #node} only.
 *
 * @param management enrolment and requests to a manager; what {@code join} is given
 * @param store      a manager's cluster store, for the nodes
 * @param quorum     a manager's cluster store, for the other managers: the leader's log
 * @param election   a manager's cluster store, for the other managers: who leads
 * @param node       from node to node
 */
public record ControlPorts(int management, int store, int quorum, int election, int node) {

    public static final ControlPorts DEFAULT = new ControlPorts(2377, 2378, 2379, 2380, 7946);

    /** @throws WeftException.InvalidSpec if one is out of range, or two are the same */
    public ControlPorts {
        List<Integer> all = List.of(management, store, quorum, election, node);
        for (int port : all) {
            if (port < 1 || port > 65535) {
                throw new WeftException.InvalidSpec("control port " + port + " is out of range; take 1 to 65535");
            }
        }
        if (all.stream().distinct().count() < all.size()) {
            throw new WeftException.InvalidSpec("control ports " + all + " (management, store, quorum, election, node) are not all different; "
                    + "take five that are");
        }
    }
}
