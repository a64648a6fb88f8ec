package dev.weft.mesh.pki;

import dev.weft.api.counter.Counter;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts whom a node's control ports turned away, and logs each kind once for each peer and not at each attempt. Thread-safe.
 */
public final class Refusals {

    /** The same kind from the same peer is told again after so long. */
    static final Duration QUIET = Duration.ofHours(1);
    /** Peers remembered; with more, the one not heard of for longest is told of again. */
    private static final int PEERS = 1_000;

    /** Somebody else's words may be in a text, and shall not look like another line of the log. */
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

    private final InstantSource clock;
    private final Map<Place, AtomicLong> counts = new ConcurrentHashMap<>();
    private final Map<Told, Instant> told = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Told, Instant> eldest) {
            return size() > PEERS;
        }
    };

    private record Place(ControlPort port, Refusal reason) {
    }

    private record Told(Place place, String peer) {
    }

    public Refusals(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * @param peer   null when it is not known
     * @param detail what was found, for the log; not null
     * @return whether it was logged, and not only counted
     */
    public boolean count(ControlPort port, Refusal reason, InetAddress peer, String detail) {
        return count(port, reason, peer == null ? "a peer" : peer.getHostAddress(), detail);
    }

    /** The same when the peer is known to be a node of the cluster. @param node its name */
    public boolean countNode(ControlPort port, Refusal reason, String node, String detail) {
        return count(port, reason, "node '" + node + "'", detail);
    }

    private boolean count(ControlPort port, Refusal reason, String peer, String detail) {
        Place place = new Place(port, reason);
        counts.computeIfAbsent(place, key -> new AtomicLong()).incrementAndGet();
        boolean isNew = isNew(new Told(place, peer));
        if (isNew) {
            LOG.warn("{} port: refused {} ({}): {}; more of this from there is only counted", port.label(), peer, reason.label(),
                    CONTROL.matcher(detail).replaceAll("?"));
        }
        return isNew;
    }

    private boolean isNew(Told what) {
        Instant now = clock.instant();
        synchronized (told) {
            Instant before = told.get(what);
            if (before != null && before.plus(QUIET).isAfter(now)) {
                return false;
            }
            told.put(what, now);
            return true;
        }
    }

    public long count(ControlPort port, Refusal reason) {
        AtomicLong count = counts.get(new Place(port, reason));
        return count == null ? 0 : count.get();
    }

    /** Scope {@code port:management}, name {@code refused:wrong-token} and the like, zero values included. */
    public List<Counter> counters() {
        return Arrays.stream(ControlPort.values()).flatMap(port -> Arrays.stream(Refusal.values())
                .map(reason -> new Counter("port:" + port.label(), "refused:" + reason.label(), count(port, reason)))).toList();
    }
}
