package dev.weft.mesh.state;

import dev.weft.api.Cipher;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.NetworkState;
import dev.weft.mesh.keys.PeerShare;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NodeRecord;
import java.net.InetAddress;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

    private static final Logger LOG = LoggerFactory.getLogger(StateCompiler.class);

    private final String self;
    private final Predicate<EndpointRecord> known;
    private Map<String, NetworkCompiler> networks = new HashMap<>();
    private ClusterView last = new ClusterView(Map.of(), Set.of(), List.of());
    private List<NetworkState> states = List.of();
    /** Of {@link #last}: VTEPs at which more than one live node says that it is, whatever networks they have. */
    private Set<InetAddress> contested = Set.of();

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
        boolean sameNodes = last.nodes() == view.nodes() && last.live() == view.live();
        Set<String> moved = sameNodes ? Set.of() : moved(last, view);
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
        contested = sameNodes ? contested : contested(view);
        List<NetworkState> now = view.networks().stream().flatMap(part -> after.get(part.network().name()).state().stream()).toList();
        states = now.equals(states) ? states : now;
        return new DataPathState(epoch, states);
    }

    /**
     * With whom the node shares encrypted networks, as of the view compiled last: with every node that has an endpoint in one, live or
     * not, so that keys outlive a session with the store.
     *
     * <p>Of two nodes with one VTEP it is the one that is there. When both say so, one of them lies, and would get to know what is sealed
     * for the other: there are keys with neither then, and nothing is sent.
     */
    public Collection<PeerShare> shares(NodeRecord own) {
        Map<Place, Set<NodeRecord>> peers = new HashMap<>();
        for (NetworkCompiler each : networks.values()) {
            Optional<Cipher> cipher = each.network().encryption().filter(present -> each.state().isPresent());
            cipher.ifPresent(known -> each.nodes().stream().filter(id -> !id.equals(self))
                    .flatMap(id -> Optional.ofNullable(last.nodes().get(id)).stream())
                    .filter(peer -> !peer.vtep().equals(own.vtep()))
                    .forEach(peer -> peers.computeIfAbsent(new Place(peer.vtep(), known), place -> new HashSet<>()).add(peer)));
        }
        return peers.entrySet().stream().filter(place -> !contested.contains(place.getKey().vtep())).map(place -> {
            NodeRecord peer = present(place.getValue());
            return new PeerShare(peer.id(), place.getKey().cipher(), peer.vtep(), own.espInUdp() || peer.espInUdp());
        }).toList();
    }

    /** Where a data path looks for an SA. */
    private record Place(InetAddress vtep, Cipher cipher) {
    }

    /** The live one; of dead ones any, but always the same. */
    private NodeRecord present(Set<NodeRecord> ofOneVtep) {
        return ofOneVtep.stream().min(Comparator.comparing((NodeRecord node) -> !last.live().contains(node.id())).thenComparing(NodeRecord::id))
                .orElseThrow();
    }

    /** Those that the last view had not are told of. */
    private Set<InetAddress> contested(ClusterView view) {
        Map<InetAddress, List<NodeRecord>> live = view.nodes().values().stream().filter(node -> view.live().contains(node.id()))
                .collect(Collectors.groupingBy(NodeRecord::vtep));
        Set<InetAddress> all = new HashSet<>();
        live.forEach((vtep, nodes) -> {
            if (nodes.size() > 1) {
                all.add(vtep);
            }
        });
        all.stream().filter(vtep -> !contested.contains(vtep)).forEach(vtep -> LOG.warn("nodes {} all say that they are at VTEP {}: no keys with "
                + "any of them, and no encrypted packets; remove those that are not (weft node rm --force)",
                live.get(vtep).stream().map(NodeRecord::name).sorted().toList(), vtep.getHostAddress()));
        return all;
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
        Set<String> all = new HashSet<>(before.nodes().keySet());
        all.addAll(after.nodes().keySet());
        all.removeIf(node -> vtepOf(node, before).equals(vtepOf(node, after)) && isDrained(node, before) == isDrained(node, after));
        return all;
    }
}
