package dev.weft.mesh.keys;

import dev.weft.api.Cipher;
import dev.weft.api.path.SaLimit;
import dev.weft.api.path.SaUsage;
import dev.weft.api.path.SecurityAssociation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What this node seals with for one peer and cipher: the SAs that the peer drew and offered.
 *
 * <pre>
 *             OFFER of a later generation          the data path has it
 *    NONE ------------------------------> TAKEN ------------------------> SEALING (HAVE sent, the one before is wiped)
 *     ^  (NEED sent)                        ^                                |
 *     |                                     +---- OFFER of a later one ------+
 *     +---- end of life, the peer's new process, nothing shared --------+
 * </pre>
 *
 * One that was let go is never taken again, since its counter would start again: {@code highest} stays as long as the process
 * of the peer does. A life is counted from a moment before the peer counts it from (see {@link KeyMessage.Offer}), so this node
 * stops before the peer does. Not thread-safe.
 */
final class OutboundSas {

    private static final class Taken {
        private final long generation;
        private final SecurityAssociation association;
        private final long takenAt;
        private final long endsAt;
        private boolean sealing;
        private boolean said;
        private boolean worn;
        private boolean askedForNext;

        private Taken(KeyMessage.Offer offer, SaLimit limit, long now, long endsAt) {
            this.generation = offer.generation();
            this.association = new SecurityAssociation(offer.association().spi(), offer.association().key(), limit);
            this.takenAt = now;
            this.endsAt = endsAt;
        }
    }

    private final Cipher cipher;
    private final KeyLimits limits;
    private final List<SecurityAssociation> letGo = new ArrayList<>();
    private Taken current;
    private long highest;
    private long begunAt;
    private boolean asked;
    private boolean changed;

    OutboundSas(Cipher cipher, KeyLimits limits) {
        this.cipher = cipher;
        this.limits = limits;
    }

    Optional<SecurityAssociation> wanted() {
        return Optional.ofNullable(current).map(each -> each.association);
    }

    /** Whether the data path seals with one. */
    boolean isSealing() {
        return current != null && current.sealing;
    }

    /** What was offered before is not taken any more: who offered it may have given up since. */
    void begin(long now) {
        begunAt = now;
        asked = false;
    }

    void connected() {
        asked = false;
        if (current != null) {
            current.said = false;
            current.askedForNext = false;
        }
    }

    /** The process that drew them is dead, and nobody opens what they seal. */
    void peerRestarted() {
        removeAll();
        highest = 0;
    }

    /** @param since when the message was sent that the offer counts its life from */
    void offered(KeyMessage.Offer offer, long since, long now) {
        boolean isNews = offer.generation() > highest;
        long endsAt = since + Math.min(offer.life(), limits.lifeMillis());
        if (!isNews || endsAt <= now || since < begunAt) {
            offer.association().key().wipe();
            if (current == null) {
                asked = false;
            } else if (current.generation == offer.generation()) {
                current.said = false;
            }
            return;
        }
        removeAll();
        highest = offer.generation();
        current = new Taken(offer, limits.most(endsAt - now), now, endsAt);
        changed = true;
    }

    /** Nothing is shared with the peer any more, or what is held is of no use. */
    void removeAll() {
        if (current != null) {
            letGo.add(current.association);
            current = null;
            asked = false;
            changed = true;
        }
    }

    /** Asks for another one. */
    void rotate() {
        if (current != null) {
            current.worn = true;
        }
    }

    void applied(Set<SecurityAssociation> present) {
        if (current != null && present.contains(current.association)) {
            current.sealing = true;
        }
        letGo.removeIf(each -> {
            boolean gone = !present.contains(each);
            if (gone) {
                each.key().wipe();
            }
            return gone;
        });
    }

    void used(SaUsage usage) {
        if (current == null || current.association.spi() != usage.spi()) {
            return;
        }
        current.worn |= limits.isWorn(usage);
    }

    /** Does what is due. @return whether {@link #wanted} is another now */
    boolean step(long now, Optional<KeySession> session) {
        if (current != null && now >= current.endsAt) {
            removeAll();
        }
        session.ifPresent(peer -> say(peer, now));
        boolean result = changed;
        changed = false;
        return result;
    }

    private void say(KeySession peer, long now) {
        if (current == null) {
            if (!asked) {
                peer.send(new KeyMessage.Need(cipher, highest), now);
                asked = true;
            }
            return;
        }
        if (current.sealing && !current.said) {
            peer.send(new KeyMessage.Have(cipher, current.generation), now);
            current.said = true;
        }
        if (current.worn && !current.askedForNext) {
            peer.send(new KeyMessage.Need(cipher, current.generation), now);
            current.askedForNext = true;
        }
    }

    List<SaAge> ages(long now) {
        return current == null ? List.of() : List.of(new SaAge(true, current.association, now - current.takenAt));
    }
}
