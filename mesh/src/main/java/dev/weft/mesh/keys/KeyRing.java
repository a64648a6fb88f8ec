package dev.weft.mesh.keys;

import dev.weft.api.Cipher;
import dev.weft.api.SaInfo;
import dev.weft.api.path.PeerSecurity;
import dev.weft.api.path.SaUsage;
import dev.weft.api.path.SecurityAssociation;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * The keys of one node with all its peers. Events come from three sides, each by its own thread: what is shared, and what the data path
 * has taken up ({@link #share}, {@link #applied}, {@link #used}); what the peers say ({@link #opened}, {@link #received},
 * {@link #closed}); and time ({@link #tick}). Thread-safe; clock and randomness are handed in.
 */
public final class KeyRing {

    /** The version of the messages that this node speaks. */
    private static final int VERSION = 1;

    private final String self;
    private final KeyLimits limits;
    private final SaSource source;
    private final LongSupplier clock;
    private final Runnable onChange;
    private final UUID incarnation;
    private final Map<String, Peer> peers = new TreeMap<>();
    private final List<KeySession> opening = new ArrayList<>();

    /**
     * @param self     id of this node
     * @param random   {@link java.security.SecureRandom} wherever keys are real
     * @param clock    milliseconds from any moment on; never set, never back
     * @param onChange {@link #share} would answer otherwise now; called without a lock, must not block
     */
    public KeyRing(String self, KeyLimits limits, RandomGenerator random, LongSupplier clock, Runnable onChange) {
        this.self = self;
        this.limits = limits;
        this.source = new SaSource(random);
        this.clock = clock;
        this.onChange = onChange;
        this.incarnation = new UUID(random.nextLong(), random.nextLong());
    }

    /**
     * What the data path shall have, now that the node shares encrypted networks with these.
     *
     * @param members ids of all nodes of the cluster: of one that is not among them, nothing is left at once
     * @return in the order of the nodes' ids
     */
    public synchronized List<PeerSecurity> share(Collection<PeerShare> shares, Set<String> members) {
        long now = clock.getAsLong();
        peers.values().stream().filter(peer -> !members.contains(peer.node())).forEach(Peer::retire);
        Set<PairId> wanted = new HashSet<>();
        for (PeerShare each : shares) {
            wanted.add(new PairId(each.node(), each.cipher()));
            peer(each.node()).pair(each.cipher()).share(each, now);
        }
        for (Peer peer : peers.values()) {
            peer.pairs().forEach((cipher, pair) -> {
                if (!wanted.contains(new PairId(peer.node(), cipher))) {
                    pair.unshare(now);
                }
            });
            peer.step(now);
        }
        return peers.values().stream().flatMap(peer -> peer.pairs().values().stream()).flatMap(pair -> pair.security().stream()).toList();
    }

    private record PairId(String node, Cipher cipher) {
    }

    private Peer peer(String node) {
        return peers.computeIfAbsent(node, id -> new Peer(id, limits, source));
    }

    /** The data path has these now and no others. */
    public void applied(Collection<PeerSecurity> securities) {
        Set<SecurityAssociation> present = new HashSet<>();
        for (PeerSecurity each : securities) {
            present.addAll(each.inbound());
            each.outbound().ifPresent(present::add);
        }
        happened(now -> {
            peers.values().forEach(peer -> peer.pairs().values().forEach(pair -> pair.applied(present)));
            return step(now);
        });
    }

    public void used(Collection<SaUsage> usages) {
        Map<InetAddress, List<SaUsage>> byPeer = usages.stream().collect(Collectors.groupingBy(SaUsage::vtep));
        happened(now -> {
            peers.values().forEach(peer -> peer.pairs().values().forEach(pair -> pair.used(byPeer)));
            return step(now);
        });
    }

    /** Draws new keys with these peers, both ways. */
    public void rotate(Cipher cipher, Set<String> nodes) {
        happened(now -> {
            peers.values().stream().filter(peer -> nodes.contains(peer.node()))
                    .forEach(peer -> Optional.ofNullable(peer.pairs().get(cipher)).ifPresent(PairKeys::rotate));
            return step(now);
        });
    }

    /** A connection is there. @return for {@link #received} and {@link #closed} */
    synchronized KeySession opened(String node, KeyLink link) {
        long now = clock.getAsLong();
        KeySession session = new KeySession(node, link, now);
        opening.add(session);
        session.send(new KeyMessage.Hello(VERSION, incarnation), now);
        return session;
    }

    /** @throws KeyProtocolException if the message breaks the rules; the caller closes the connection */
    void received(KeySession session, KeyMessage message) {
        happened(now -> {
            session.heard(message, now);
            Peer peer = peer(session.peer());
            if (message instanceof KeyMessage.Pong && opening.contains(session)) {
                if (peer.answered(session, isPreferred(session), now)) {
                    opening.remove(session);
                } else {
                    session.send(new KeyMessage.Ping(), now);
                }
            }
            peer.received(session, message, now);
            return peer.step(now);
        });
    }

    /** When both sides open one at the same time, that of the smaller id stays. */
    private boolean isPreferred(KeySession session) {
        return session.link().isOutgoing() == self.compareTo(session.peer()) < 0;
    }

    synchronized void closed(KeySession session) {
        opening.remove(session);
        Optional.ofNullable(peers.get(session.peer())).ifPresent(peer -> peer.closed(session));
    }

    /** Does what time makes due; to be called a few times a second. */
    public void tick() {
        happened(now -> {
            opening.removeIf(session -> {
                boolean dead = now - session.lastHeard() > limits.silenceMillis();
                if (dead) {
                    session.link().close("it said nothing");
                }
                return dead;
            });
            return step(now);
        });
    }

    private boolean step(long now) {
        boolean changed = false;
        for (Peer peer : peers.values()) {
            changed |= peer.step(now);
        }
        return changed;
    }

    private interface Event {
        /** @return whether the data path shall have something else now */
        boolean at(long now);
    }

    private void happened(Event event) {
        boolean changed;
        synchronized (this) {
            changed = event.at(clock.getAsLong());
            notifyAll();
        }
        if (changed) {
            onChange.run();
        }
    }

    /** Whether there is nothing that time could change. */
    synchronized boolean isIdle() {
        return opening.isEmpty() && peers.values().stream().noneMatch(Peer::isBusy);
    }

    /** Peers that share something and have no connection. */
    synchronized Set<String> missing() {
        Set<String> ids = new HashSet<>();
        peers.values().stream().filter(peer -> peer.isShared() && !peer.isConnected()).forEach(peer -> ids.add(peer.node()));
        return ids;
    }

    /** Whether packets flow both ways between this node and each of those, as far as this one knows. */
    public synchronized boolean isReady(Cipher cipher, Collection<String> nodes) {
        return nodes.stream().allMatch(node -> Optional.ofNullable(peers.get(node)).map(peer -> peer.pairs().get(cipher))
                .filter(PairKeys::isReady).isPresent());
    }

    /** Waits until {@link #isReady}. @return whether it is */
    public synchronized boolean awaitReady(Cipher cipher, Collection<String> nodes, Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (!isReady(cipher, nodes)) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                return false;
            }
            wait(left);
        }
        return true;
    }

    /**
     * What is there.
     *
     * @param usages of the data path
     * @param nameOf by id
     */
    public synchronized List<SaInfo> list(Collection<SaUsage> usages, UnaryOperator<String> nameOf) {
        long now = clock.getAsLong();
        Map<PairKeys.SaId, SaUsage> byId = usages.stream().collect(Collectors.toMap(
                usage -> new PairKeys.SaId(usage.vtep(), usage.spi(), usage.outbound()), Function.identity(), (one, other) -> one));
        return peers.values().stream().flatMap(peer -> peer.pairs().values().stream()
                .flatMap(pair -> pair.list(nameOf.apply(peer.node()), byId, now))).sorted(Comparator.comparing(SaInfo::peer)).toList();
    }
}
