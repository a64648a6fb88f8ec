package dev.weft.api.counter;

import java.util.List;

/**
 * All counters at one moment (each read once, not all at the same instant).
 *
 * @param counters in the order in which a packet meets them; zero values included for drop reasons of scopes that count them
 */
public record CounterSnapshot(List<Counter> counters) {

    public CounterSnapshot {
        counters = List.copyOf(counters);
    }

    /** The sum over all scopes of the counters of that name. */
    public long total(String name) {
        return counters.stream().filter(counter -> counter.name().equals(name)).mapToLong(Counter::value).sum();
    }

    /** The packets dropped for a reason, over all scopes. */
    public long dropped(DropReason reason) {
        return total("drop:" + reason.label());
    }

    /** The value in one scope; 0 when there is none. */
    public long value(String scope, String name) {
        return counters.stream().filter(counter -> counter.scope().equals(scope) && counter.name().equals(name))
                .mapToLong(Counter::value).sum();
    }
}
