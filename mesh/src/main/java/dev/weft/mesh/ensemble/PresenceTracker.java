package dev.weft.mesh.ensemble;

import dev.weft.mesh.ensemble.EnsemblePlanner.Presence;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Since when which managers are away. One thread only. */
final class PresenceTracker {

    /** A manager may restart in this time without losing its vote. */
    static final Duration GRACE = Duration.ofSeconds(30);

    private final Map<String, Long> missingSinceNanos = new HashMap<>();

    Presence of(String node, Set<String> live, long nowNanos) {
        if (live.contains(node)) {
            missingSinceNanos.remove(node);
            return Presence.LIVE;
        }
        long since = missingSinceNanos.computeIfAbsent(node, key -> nowNanos);
        return nowNanos - since < GRACE.toNanos() ? Presence.MISSING : Presence.GONE;
    }
}
