package dev.weft.mesh.dns;

import dev.weft.api.counter.Counter;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What the name server of a node has done. Thread-safe. */
public final class NameCounters {

    /** One of them counts each message, but {@link #TRUNCATED} and {@link #UNREACHED}, which count besides. */
    enum Event {
        /** Names of the network: found, or found to have no such record. */
        ANSWERED,
        /** Names that the network does not have. */
        UNKNOWN,
        /** Names of others, asked elsewhere. */
        FORWARDED,
        /** Names of others, known from before. */
        FROM_CACHE,
        /** Kinds of questions that this server does not take, and others' names asked without recursion. */
        REFUSED,
        /** Messages that break the protocol; told so where there is anything to answer to. */
        MALFORMED,
        /** Answers that did not fit, so that the asker has to come by TCP. */
        TRUNCATED,
        /** Forwarded questions that no server answered. */
        UNREACHED,
        /** Questions that came faster than they were answered, for so long that they were let go of. */
        OVERRUN
    }

    private final Map<Event, LongAdder> counts = new EnumMap<>(Event.class);

    public NameCounters() {
        for (Event event : Event.values()) {
            counts.put(event, new LongAdder());
        }
    }

    void count(Event event) {
        counts.get(event).increment();
    }

    /** Under the scope {@code names}. */
    public List<Counter> snapshot() {
        return counts.entrySet().stream().map(entry -> new Counter("names", entry.getKey().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                entry.getValue().sum())).toList();
    }
}
