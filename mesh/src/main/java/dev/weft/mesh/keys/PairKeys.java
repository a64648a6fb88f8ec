package dev.weft.mesh.keys;

import dev.weft.api.Cipher;
import dev.weft.api.SaInfo;
import dev.weft.api.path.PeerSecurity;
import dev.weft.api.path.SaUsage;
import dev.weft.api.path.SecurityAssociation;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The keys of this node with one peer for one cipher, both directions. They stay for a while after the last shared network is gone, so
 * that one that comes back at once finds them; then this node stops to seal, and later to open. The object itself stays as long as the
 * process does: it knows which generations were used. Not thread-safe.
 */
final class PairKeys {

    private final KeyLimits limits;
    private final InboundSas inbound;
    private final OutboundSas outbound;
    /** As it is, or was when it was shared last; null: never shared. */
    private PeerShare share;
    private boolean shared;
    private boolean active;
    private long unsharedAt;

    PairKeys(Cipher cipher, KeyLimits limits, SaSource source) {
        this.limits = limits;
        this.inbound = new InboundSas(cipher, limits, source);
        this.outbound = new OutboundSas(cipher, limits);
    }

    void share(PeerShare with, long now) {
        share = with;
        shared = true;
        if (!active) {
            active = true;
            outbound.begin(now);
        }
    }

    void unshare(long now) {
        if (shared) {
            shared = false;
            unsharedAt = now;
        }
    }

    /** The peer is no member any more. @return whether {@link #security} is another now */
    boolean retire() {
        boolean was = active;
        shared = false;
        active = false;
        inbound.removeAll();
        outbound.removeAll();
        return was;
    }

    void connected() {
        inbound.connected();
        outbound.connected();
    }

    void peerRestarted(long now) {
        inbound.peerRestarted(now);
        outbound.peerRestarted();
    }

    void received(KeyMessage message, KeySession session, long now) {
        switch (message) {
            case KeyMessage.Need need -> inbound.needed(need.generation());
            case KeyMessage.Have have -> inbound.confirmed(have.generation(), now);
            case KeyMessage.Offer offer when active -> outbound.offered(offer, session.sentAt(offer.asOf()), now);
            case KeyMessage.Offer offer -> offer.association().key().wipe();
            case KeyMessage.Hello _, KeyMessage.Ping _, KeyMessage.Pong _ -> throw new IllegalArgumentException("not about keys: " + message);
        }
    }

    void rotate() {
        inbound.rotate();
        outbound.rotate();
    }

    void applied(Set<SecurityAssociation> present) {
        inbound.applied(present);
        outbound.applied(present);
    }

    /** @param byPeer of all peers, by their VTEP */
    void used(Map<InetAddress, List<SaUsage>> byPeer) {
        if (active) {
            byPeer.getOrDefault(share.vtep(), List.of()).forEach(usage -> {
                if (usage.outbound()) {
                    outbound.used(usage);
                } else {
                    inbound.used(usage);
                }
            });
        }
    }

    /** Does what is due. @return whether {@link #security} is another now */
    boolean step(long now, Optional<KeySession> session) {
        if (!active) {
            return false;
        }
        if (!shared && now >= unsharedAt + 2 * limits.drainMillis()) {
            return retire();
        }
        boolean sends = shared || now < unsharedAt + limits.drainMillis();
        if (!sends) {
            outbound.removeAll();
        }
        return inbound.step(now, shared ? session : Optional.empty()) | outbound.step(now, sends ? session : Optional.empty());
    }

    Optional<PeerSecurity> security() {
        return active ? Optional.of(new PeerSecurity(share.vtep(), share.cipher(), share.udp(), inbound.wanted(), outbound.wanted()))
                : Optional.empty();
    }

    /** Whether packets flow both ways as far as this node knows. */
    boolean isReady() {
        return active && outbound.isSealing() && inbound.isConfirmed();
    }

    /** Whether there are keys, or should be. */
    boolean isActive() {
        return active;
    }

    boolean isShared() {
        return shared;
    }

    /** As it was shared last; with the ages of what is there. */
    Stream<SaInfo> list(String peer, Map<SaId, SaUsage> usages, long now) {
        return active ? Stream.concat(inbound.ages(now).stream(), outbound.ages(now).stream()).map(each -> {
            SaUsage usage = usages.get(new SaId(share.vtep(), each.association().spi(), each.outbound()));
            return new SaInfo(peer, share.cipher(), each.outbound(), each.association().spi(), Duration.ofMillis(each.millis()),
                    usage == null ? 0 : usage.packets(), usage == null ? 0 : usage.bytes());
        }) : Stream.empty();
    }

    /** What tells one SA from all others. */
    record SaId(InetAddress vtep, int spi, boolean outbound) {
    }
}
