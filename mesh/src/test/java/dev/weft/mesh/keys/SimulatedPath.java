package dev.weft.mesh.keys;

import dev.weft.api.path.PeerSecurity;
import dev.weft.api.path.SaUsage;
import dev.weft.api.path.SecurityAssociation;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The SAs that a data path has, and how much each was used. One that is let go and comes back counts from 1 again. */
final class SimulatedPath {

    private List<PeerSecurity> applied = List.of();
    private final Map<SecurityAssociation, Long> sequences = new HashMap<>();
    private final Set<Integer> everHad = new HashSet<>();

    void apply(List<PeerSecurity> wanted) {
        applied = wanted;
        Set<SecurityAssociation> present = new HashSet<>();
        wanted.forEach(each -> {
            present.addAll(each.inbound());
            each.outbound().ifPresent(present::add);
            each.inbound().forEach(sa -> everHad.add(sa.spi()));
        });
        sequences.keySet().retainAll(present);
    }

    SecurityAssociation outbound(InetAddress vtep) {
        return applied.stream().filter(each -> each.vtep().equals(vtep)).flatMap(each -> each.outbound().stream()).findFirst().orElse(null);
    }

    SecurityAssociation inbound(int spi) {
        return applied.stream().flatMap(each -> each.inbound().stream()).filter(each -> each.spi() == spi).findFirst().orElse(null);
    }

    boolean everHad(int spi) {
        return everHad.contains(spi);
    }

    long sequence(SecurityAssociation sa) {
        return sequences.getOrDefault(sa, 0L);
    }

    long seal(SecurityAssociation sa) {
        return sequences.merge(sa, 1L, Long::sum);
    }

    List<SaUsage> usage() {
        List<SaUsage> usages = new ArrayList<>();
        applied.forEach(peer -> peer.outbound().ifPresent(sa -> usages.add(
                new SaUsage(peer.vtep(), sa.spi(), true, sequence(sa), sequence(sa) * 1400, sequence(sa)))));
        return usages;
    }
}
