package dev.weft.dpdk.esp;

import dev.weft.api.path.PeerSecurity;
import dev.weft.api.path.SaKey;
import dev.weft.api.path.SaUsage;
import dev.weft.api.path.SecurityAssociation;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The SAs of a data path and their state, which outlives the tables that name them: the sequence numbers of an SA that stays go on.
 * {@link #usage} is for any thread, the rest for the one that applies.
 */
public final class SecurityAssociations {

    /** Equal only for the same key: SaKey is equal only to itself. */
    private record Place(InetAddress vtep, SecurityAssociation sa) {
    }

    private final GcmEngine engine;
    private final int threads;
    /** The packet path may have them still: one that comes back before {@link #forgetRemoved} is the same one. */
    private final Map<Place, OutboundSa> removedOutbound = new HashMap<>();
    private final Map<Place, InboundSa> removedInbound = new HashMap<>();
    private List<PeerSecurity> last = List.of();
    private List<InstalledPeer> installed = List.of();
    private volatile Map<Place, OutboundSa> outbound = Map.of();
    private volatile Map<Place, InboundSa> inbound = Map.of();

    /** @param threads that seal and open */
    public SecurityAssociations(GcmEngine engine, int threads) {
        this.engine = engine;
        this.threads = threads;
    }

    /**
     * Makes the state of SAs that are new, and leaves out what is gone, whose keys stay until {@link #forgetRemoved}. An SA whose key
     * was wiped is left out, and so is one whose key another one sends with: packets are dropped then, and no IV comes twice.
     *
     * @return the same object when it is handed the same
     */
    public List<InstalledPeer> install(List<PeerSecurity> peers) {
        if (peers != last) {
            installed = difference(peers);
            last = peers;
        }
        return installed;
    }

    private List<InstalledPeer> difference(List<PeerSecurity> peers) {
        Map<Place, OutboundSa> sending = new HashMap<>();
        Map<Place, InboundSa> receiving = new HashMap<>();
        Set<SaKey> taken = new HashSet<>();
        List<InstalledPeer> all = new ArrayList<>();
        for (PeerSecurity peer : peers) {
            Optional<OutboundSa> sealing = peer.outbound().flatMap(sa -> sealing(new Place(peer.vtep(), sa), sending, taken));
            List<InboundSa> opening = peer.inbound().stream().flatMap(sa -> opening(new Place(peer.vtep(), sa), receiving).stream()).toList();
            all.add(new InstalledPeer(peer.vtep(), peer.cipher(), peer.udp(), opening, sealing));
        }
        remove(outbound, sending, removedOutbound);
        remove(inbound, receiving, removedInbound);
        outbound = Map.copyOf(sending);
        inbound = Map.copyOf(receiving);
        return List.copyOf(all);
    }

    private static <T> void remove(Map<Place, T> before, Map<Place, T> now, Map<Place, T> removed) {
        removed.putAll(before);
        removed.keySet().removeAll(now.keySet());
    }

    private Optional<OutboundSa> sealing(Place place, Map<Place, OutboundSa> sending, Set<SaKey> taken) {
        OutboundSa present = outbound.getOrDefault(place, removedOutbound.get(place));
        SaKey key = place.sa().key();
        boolean elsewhere = present == null && Stream.concat(outbound.keySet().stream(), removedOutbound.keySet().stream())
                .anyMatch(other -> other.sa().key() == key);
        if (elsewhere || !taken.add(key)) {
            return Optional.empty();
        }
        try {
            OutboundSa sa = present == null ? new OutboundSa(place.sa(), engine, threads) : present;
            sending.put(place, sa);
            return Optional.of(sa);
        } catch (IllegalStateException _) {
            return Optional.empty(); // its key was wiped
        }
    }

    private Optional<InboundSa> opening(Place place, Map<Place, InboundSa> receiving) {
        try {
            InboundSa present = inbound.getOrDefault(place, removedInbound.get(place));
            InboundSa sa = present == null ? new InboundSa(place.sa(), engine, threads) : present;
            receiving.put(place, sa);
            return Optional.of(sa);
        } catch (IllegalStateException _) {
            return Optional.empty(); // its key was wiped
        }
    }

    /** The packet path has let go of all tables that name removed SAs: their keys are overwritten. */
    public void forgetRemoved() {
        removedOutbound.values().forEach(OutboundSa::close);
        removedInbound.values().forEach(InboundSa::close);
        removedOutbound.clear();
        removedInbound.clear();
    }

    /** Of all SAs that are installed. */
    public List<SaUsage> usage() {
        return Stream.concat(outbound.entrySet().stream().map(entry -> usage(entry.getKey(), true, entry.getValue())),
                inbound.entrySet().stream().map(entry -> usage(entry.getKey(), false, entry.getValue()))).toList();
    }

    private static SaUsage usage(Place place, boolean isOutbound, SaCounters counters) {
        return new SaUsage(place.vtep(), place.sa().spi(), isOutbound, counters.packets(), counters.bytes(), counters.sequence());
    }
}
