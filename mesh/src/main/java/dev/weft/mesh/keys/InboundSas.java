package dev.weft.mesh.keys;

import dev.weft.api.Cipher;
import dev.weft.api.path.SaUsage;
import dev.weft.api.path.SecurityAssociation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What one peer may seal with: the SAs that this node drew, for one peer and cipher. Each goes this way:
 *
 * <pre>
 *          the data path          OFFER sent,               HAVE of a later one,            drained
 *          has it                 HAVE received             or a peer's new process
 *   DRAWN --------> INSTALLED ------------------> CONFIRMED ------------------> DRAINING ------------> gone
 *                       |                             |                                                 ^
 *                       +-----------------------------+------- life and drain are over, not shared -----+
 * </pre>
 *
 * A new one is drawn when there is none, or the newest is old or worn, or has waited long for the peer, or the peer NEEDs one. Only the newest is
 * offered, again on each connection until the peer HAS it, and only to the process that it was offered to first: a counter that starts again
 * would repeat an IV. Its life begins with its first offer. Not thread-safe.
 */
final class InboundSas {

    /** A peer that asks and never confirms gets no more than that; one that asks without end loses what drains. */
    private static final int MOST = 16;

    private enum Stage { DRAWN, INSTALLED, CONFIRMED, DRAINING }

    private static final class Drawn {
        private final long generation;
        private final SecurityAssociation association;
        private final long drawnAt;
        private Stage stage = Stage.DRAWN;
        private boolean offered;
        private boolean offeredHere;
        private boolean worn;
        private long rekeyAt = Long.MAX_VALUE;
        private long endsAt = Long.MAX_VALUE;
        private long removeAt = Long.MAX_VALUE;

        private Drawn(long generation, SecurityAssociation association, long now) {
            this.generation = generation;
            this.association = association;
            this.drawnAt = now;
        }

        private boolean isOver(long now, KeyLimits limits) {
            return now >= removeAt || !offered && now - drawnAt >= limits.waitMillis();
        }
    }

    private final Cipher cipher;
    private final KeyLimits limits;
    private final SaSource source;
    /** Oldest first. */
    private final List<Drawn> drawn = new ArrayList<>();
    private final List<SecurityAssociation> letGo = new ArrayList<>();
    private long generations;
    private long neededAbove;

    InboundSas(Cipher cipher, KeyLimits limits, SaSource source) {
        this.cipher = cipher;
        this.limits = limits;
        this.source = source;
    }

    List<SecurityAssociation> wanted() {
        return drawn.stream().map(each -> each.association).toList();
    }

    /** Whether the peer seals with one that this node opens. */
    boolean isConfirmed() {
        return drawn.stream().anyMatch(each -> each.stage == Stage.CONFIRMED);
    }

    /** What is offered now on a connection has not been offered there yet. */
    void connected() {
        drawn.forEach(each -> each.offeredHere = false);
    }

    /** The process that was there before is dead, and what it was offered is nobody's. */
    void peerRestarted(long now) {
        neededAbove = 0;
        drawn.stream().filter(each -> each.offered).forEach(each -> drain(each, now));
    }

    private void drain(Drawn old, long now) {
        if (old.stage != Stage.DRAINING) {
            old.stage = Stage.DRAINING;
            old.removeAt = Math.min(old.removeAt, now + limits.drainMillis());
        }
    }

    void rotate() {
        newest().filter(each -> each.offered).ifPresent(each -> neededAbove = Math.max(neededAbove, each.generation));
    }

    /** @throws KeyProtocolException if no such generation was ever offered */
    void needed(long generation) {
        requireOffered(generation);
        neededAbove = Math.max(neededAbove, generation);
        newest().ifPresent(each -> {
            each.offeredHere = false;
            if (each.stage == Stage.CONFIRMED) {
                neededAbove = Math.max(neededAbove, each.generation);
            }
        });
    }

    /** @throws KeyProtocolException if no such generation was ever offered */
    void confirmed(long generation, long now) {
        requireOffered(generation);
        boolean known = false;
        for (Drawn each : drawn) {
            if (each.generation < generation && each.offered) {
                drain(each, now);
            } else if (each.generation == generation && each.stage == Stage.INSTALLED) {
                each.stage = Stage.CONFIRMED;
                known = true;
            } else {
                known |= each.generation == generation;
            }
        }
        if (!known) {
            needed(generation); // it seals with one that is gone here: whatever comes of that is dropped until it has another
        }
    }

    private void requireOffered(long generation) {
        if (generation > generations) {
            throw new KeyProtocolException("it speaks of generation " + generation + " of " + cipher.label()
                    + ", and " + generations + " were drawn");
        }
    }

    void applied(Set<SecurityAssociation> present) {
        drawn.stream().filter(each -> each.stage == Stage.DRAWN && present.contains(each.association))
                .forEach(each -> each.stage = Stage.INSTALLED);
        letGo.removeIf(each -> {
            boolean gone = !present.contains(each);
            if (gone) {
                source.forget(each);
            }
            return gone;
        });
    }

    void used(SaUsage usage) {
        drawn.stream().filter(each -> limits.isWorn(usage) && each.association.spi() == usage.spi()).forEach(each -> each.worn = true);
    }

    /**
     * Does what is due.
     *
     * @param session where to offer; empty: nobody is there
     * @return whether {@link #wanted} is another now
     */
    boolean step(long now, Optional<KeySession> session) {
        boolean removed = removeIf(each -> each.isOver(now, limits));
        boolean due = isNewOneDue(now);
        if (due && drawn.size() == MOST) {
            Optional<Drawn> oldest = drawn.stream().filter(each -> each.stage == Stage.DRAINING).findFirst();
            removed |= removeIf(each -> oldest.filter(gone -> gone == each).isPresent());
        }
        boolean drew = due && drawn.size() < MOST;
        if (drew) {
            drawn.add(new Drawn(++generations, source.draw(cipher, limits.mostToReceive()), now));
        }
        session.ifPresent(peer -> newest().ifPresent(each -> offer(each, now, peer)));
        return removed || drew;
    }

    private boolean isNewOneDue(long now) {
        return newest().map(each -> each.worn || now >= each.rekeyAt || neededAbove >= each.generation).orElse(true);
    }

    private Optional<Drawn> newest() {
        return drawn.isEmpty() || drawn.getLast().stage == Stage.DRAINING ? Optional.empty() : Optional.of(drawn.getLast());
    }

    private void offer(Drawn sa, long now, KeySession peer) {
        if (sa.stage != Stage.INSTALLED || sa.offeredHere) {
            return;
        }
        if (!sa.offered) {
            sa.offered = true;
            sa.rekeyAt = now + limits.rekeyMillis(source.fraction());
            sa.endsAt = now + limits.lifeMillis();
            sa.removeAt = sa.endsAt + limits.drainMillis();
        }
        sa.offeredHere = true;
        if (now < sa.endsAt) {
            peer.send(new KeyMessage.Offer(cipher, sa.generation, sa.association, sa.endsAt - now, peer.received()), now);
        }
    }

    private boolean removeIf(java.util.function.Predicate<Drawn> condition) {
        return drawn.removeIf(each -> {
            boolean goes = condition.test(each);
            if (goes) {
                letGo.add(each.association);
            }
            return goes;
        });
    }

    /** Nothing is shared with the peer any more. */
    void removeAll() {
        removeIf(each -> true);
    }

    List<SaAge> ages(long now) {
        return drawn.stream().map(each -> new SaAge(false, each.association, now - each.drawnAt)).toList();
    }
}
