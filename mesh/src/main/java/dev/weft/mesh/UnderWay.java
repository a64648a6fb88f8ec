package dev.weft.mesh;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many attach or detach an endpoint just now, by its key: the record may be there without a handle, or the handle without a record.
 * Thread-safe.
 */
final class UnderWay {

    private final Map<String, Integer> counts = new ConcurrentHashMap<>();

    void begin(String key) {
        counts.merge(key, 1, Integer::sum);
    }

    void end(String key) {
        counts.computeIfPresent(key, (same, count) -> count == 1 ? null : count - 1);
    }

    boolean has(String key) {
        return counts.containsKey(key);
    }

    /** Nobody but the one who asks. */
    boolean isAlone(String key) {
        return counts.get(key) == 1;
    }
}
