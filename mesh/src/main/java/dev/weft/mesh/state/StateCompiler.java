package dev.weft.mesh.state;

import dev.weft.api.Cipher;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.NetworkState;
import dev.weft.mesh.keys.PeerShare;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NodeRecord;
import java.net.InetAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What a node's data path has to make so, from what the node knows of the cluster. The same view gives the same state, in the same
 * order, whatever views came before; those only save work: a view that differs in little from the last one takes time by what
 * differs. One thread at a time.
 *
 * <p>A network is in the state when the node carries an endpoint of it. The node's own endpoints are in it even when its
 * session with the store is over; another node's only while that one is alive; an external one always, since nobody's
 * session says whether it is there. Endpoints that do not serve (those of drained nodes) get no new flows of services, and keep those
 * they have.
 */
public final class StateCompiler {

    private final String self;
    private final Predicate<EndpointRecord> known;
    private Map<String, NetworkCompiler> networks = new HashMap<>();
    private ClusterView last = new ClusterView(Map.of(), Set.of(), List.of());
    private List<NetworkState> states = List.of();

    /** @param self id of the node */
    public StateCompiler(String self) {
        this(self, endpoint -> true);
    }

    /**
     * @param self  id of the node
     * @param known whether this node itself has attached an endpoint of which a record says that it is here. What another node says so
     *              is not carried: it would have this one make interfaces.
     */
    public StateCompiler(String self, Predicate<EndpointRecord> known) {
        this.self = self;
        this.known = known;
    }

    public DataPathState compile(ClusterView view, long epoch) {
        Map<String, NetworkCompiler> before = networks;
        networks = new HashMap<>(); // what fails half-way is begun anew
        Set<String> moved = moved(last, view);
        Map<String, NetworkCompiler> after = new HashMap<>();
        for (NetworkView part : view.networks()) {
            NetworkCompiler earlier = before.get(part.network().name());
            NetworkCompiler compiler = earlier != null && earlier.network().equals(part.network()) ? earlier
                    : new NetworkCompiler(part.network(), self, known);
            compiler.compile(part, moved, node -> vtepOf(node, view), view::serves);
            after.put(part.network().name(), compiler);
        }
        networks = after;
        last = view;
        List<NetworkState> now = view.networks().stream().flatMap(part -> after.get(part.network().name()).state().stream()).toList();
        states = now.equals(states) ? states : now;
        return new DataPathState(epoch, states);
    }

    /**
     * With whom the node shares encrypted networks, as of the view compiled last: with every node that has an endpoint in one, live or
     * not, so that keys outlive a session with the store.
     */
    public Collection<PeerShare> shares(NodeRecord own) {
        Map<Place, PeerShare> shares = new HashMap<>();
        for (NetworkCompiler each : networks.values()) {
            Optional<Cipher> cipher = each.network().encryption().filter(present -> each.state().isPresent());
            cipher.ifPresent(known -> each.nodes().stream().filter(id -> !id.equals(self)).flatMap(id -> Optional.ofNullable(last.nodes().get(id)).stream())
                    .filter(peer -> !peer.vtep().equals(own.vtep()))
                    .forEach(peer -> shares.merge(new Place(peer.vtep(), known),
                            new PeerShare(peer.id(), known, peer.vtep(), own.espInUdp() || peer.espInUdp()), this::present)));
        }
        return shares.values();
    }

    /** Where a data path looks for an SA. */
    private record Place(InetAddress vtep, Cipher cipher) {
    }

    /** Of two nodes with one VTEP, the one that is there: the other was there before. */
    private PeerShare present(PeerShare one, PeerShare other) {
        boolean live = last.live().contains(one.node());
        return live == last.live().contains(other.node()) ? one.node().compareTo(other.node()) < 0 ? one : other : live ? one : other;
    }

    /** Where the frames for endpoints of a node go to; nothing when nowhere at the moment. */
    private static Optional<InetAddress> vtepOf(String node, ClusterView view) {
        return Optional.ofNullable(view.nodes().get(node)).filter(record -> view.live().contains(node)).map(record -> record.vtep());
    }

    private static boolean isDrained(String node, ClusterView view) {
        return view.nodes().containsKey(node) && view.nodes().get(node).drained();
    }

    /** The nodes whose endpoints have another VTEP now, or none, or have one again, or serve no more, or again. */
    private static Set<String> moved(ClusterView before, ClusterView after) {
        if (before.nodes() == after.nodes() && before.live() == after.live()) {
            return Set.of();
        }
        Set<String> all = new HashSet<>(before.nodes().keySet());
        all.addAll(after.nodes().keySet());
        all.removeIf(node -> vtepOf(node, before).equals(vtepOf(node, after)) && isDrained(node, before) == isDrained(node, after));
        return all;
    }
}
