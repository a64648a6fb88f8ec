package dev.weft.mesh.keys;

import dev.weft.api.Cipher;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** One other node: its process as it is known, the connection with it, and the keys for each cipher. Not thread-safe. */
final class Peer {

    private final String node;
    private final KeyLimits limits;
    private final SaSource source;
    private final Map<Cipher, PairKeys> pairs = new EnumMap<>(Cipher.class);
    private UUID incarnation;
    /** When its process was known to be alive. */
    private long aliveAt;
    private KeySession session;

    Peer(String node, KeyLimits limits, SaSource source) {
        this.node = node;
        this.limits = limits;
        this.source = source;
    }

    String node() {
        return node;
    }

    Map<Cipher, PairKeys> pairs() {
        return pairs;
    }

    PairKeys pair(Cipher cipher) {
        return pairs.computeIfAbsent(cipher, each -> new PairKeys(each, limits, source));
    }

    /**
     * The other end of a connection has answered, so it was alive when it was asked: the connection becomes the one of this peer, or is
     * closed, or has to answer once more.
     *
     * @return whether that is decided
     */
    boolean answered(KeySession fresh, boolean preferred, long now) {
        UUID process = fresh.incarnation();
        boolean same = process.equals(incarnation);
        if (!same && incarnation != null && fresh.answeredSince() <= aliveAt) {
            return false; // of two processes, the dead one may have answered before it died
        }
        if (same && session != null && !preferred && now - session.lastHeard() <= 2 * limits.pingMillis()) {
            fresh.link().close("there is one already");
            return true;
        }
        if (session != null) {
            session.link().close("another one takes its place");
        }
        if (!same && incarnation != null) {
            pairs.values().forEach(pair -> pair.peerRestarted(now));
        }
        incarnation = process;
        aliveAt = now;
        session = fresh;
        pairs.values().forEach(PairKeys::connected);
        return true;
    }

    /** What comes on a connection that was replaced is not heard. */
    void received(KeySession from, KeyMessage message, long now) {
        switch (message) {
            case KeyMessage.Need need when from == session -> pair(need.cipher()).received(need, session, now);
            case KeyMessage.Have have when from == session -> pair(have.cipher()).received(have, session, now);
            case KeyMessage.Offer offer when from == session -> pair(offer.cipher()).received(offer, session, now);
            case KeyMessage.Offer offer -> offer.association().key().wipe();
            case KeyMessage.Hello _, KeyMessage.Ping _, KeyMessage.Pong _, KeyMessage.Need _, KeyMessage.Have _ -> { }
        }
    }

    void closed(KeySession which) {
        if (which == session) {
            session = null;
        }
    }

    /** It is no member of the cluster any more. */
    void retire() {
        pairs.values().forEach(PairKeys::retire);
        if (session != null) {
            session.link().close("its node is no member any more");
            session = null;
        }
    }

    /** Does what is due. @return whether the data path shall have something else now */
    boolean step(long now) {
        if (session != null && now - session.lastHeard() > limits.silenceMillis()) {
            session.link().close("nothing was heard for " + limits.silenceMillis() + " ms");
            session = null;
        }
        boolean changed = false;
        for (PairKeys pair : pairs.values()) {
            changed |= pair.step(now, Optional.ofNullable(session));
        }
        if (session != null && now - session.lastSent() >= limits.pingMillis()) {
            session.send(new KeyMessage.Ping(), now);
        }
        return changed;
    }

    boolean isBusy() {
        return session != null || pairs.values().stream().anyMatch(PairKeys::isActive);
    }

    boolean isConnected() {
        return session != null;
    }

    boolean isShared() {
        return pairs.values().stream().anyMatch(PairKeys::isShared);
    }
}
