package dev.weft.benchmarks.names;

import java.net.InetAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What came of one asker's questions. Written by one thread. */
final class Tally {

    static final List<String> COLUMNS = List.of("asked by", "asked", "right", "wrong", "lost", "DNSRR: least share", "largest share");

    private final String asker;
    private final int asked;
    private final Map<InetAddress, Integer> named = new HashMap<>();
    private int right;
    private int wrong;

    /** @param asked how many names this asker asks for */
    Tally(String asker, int asked, Collection<Expected> all) {
        this.asker = asker;
        this.asked = asked;
        all.stream().filter(Expected::shared).flatMap(each -> each.ipv4().stream()).forEach(address -> named.put(address, 0));
    }

    /**
     * Counts an answer.
     *
     * @param expected the addresses, each to be there once, in whatever order
     * @param shared   whether who comes first is one of the backends' turns
     * @return whether it is the right one
     */
    boolean look(List<InetAddress> expected, boolean shared, List<InetAddress> answer) {
        if (answer.size() != expected.size() || !new HashSet<>(answer).equals(new HashSet<>(expected))) {
            wrong++;
            return false;
        }
        right++;
        if (shared) {
            named.merge(answer.getFirst(), 1, Integer::sum);
        }
        return true;
    }

    /** An answer to nothing that was asked. */
    void wrong() {
        wrong++;
    }

    int right() {
        return right;
    }

    boolean isComplete() {
        return right + wrong >= asked;
    }

    /** As {@link #COLUMNS} have it. */
    List<Object> row() {
        return List.of(asker, asked, right, wrong, Math.max(0, asked - right - wrong),
                share(named.values().stream().mapToInt(each -> each).min().orElse(0)),
                share(named.values().stream().mapToInt(each -> each).max().orElse(0)));
    }

    private String share(int count) {
        int all = named.values().stream().mapToInt(each -> each).sum();
        return all == 0 ? "-" : String.format(Locale.ROOT, "%.2f %%", 100.0 * count / all);
    }
}
