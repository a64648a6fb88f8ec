package dev.weft.dpdk.port;

import dev.weft.api.counter.Counter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The ports of a data path by index, and their counters by name: a port that comes back counts on where it stopped. The
 * poller's thread alone sets and gets ports; any thread may read the counters.
 */
public final class Ports {

    /** Index of the uplink. */
    public static final int UPLINK = 0;
    /** Index of the way to a kernel that is behind the pipeline, where there is one. */
    public static final int KERNEL = 1;
    /** The least index of an endpoint. */
    public static final int FIRST_ENDPOINT = KERNEL + 1;
    /** More than a poller could serve in turn with sense. */
    public static final int CAPACITY = 1024;

    private final Port[] ports = new Port[CAPACITY];
    private final PortCounters[] counters = new PortCounters[CAPACITY];
    private final Map<String, PortCounters> byName = new ConcurrentSkipListMap<>();
    private int size;
    private int changes;

    /** Whether packets of that port are the underlay's, and not an endpoint's. */
    public static boolean isUnderlay(int index) {
        return index <= KERNEL;
    }

    /** Puts a port at a free index. */
    public void set(int index, Port port) {
        if (ports[index] != null) {
            throw new IllegalStateException("index " + index + " has the port " + ports[index].name() + " already");
        }
        ports[index] = port;
        counters[index] = byName.computeIfAbsent(port.name(), _ -> new PortCounters());
        size = Math.max(size, index + 1);
        changes++;
    }

    /** Takes the port away; its counters stay. */
    public Port remove(int index) {
        Port port = ports[index];
        ports[index] = null;
        changes++;
        while (size > 0 && ports[size - 1] == null) {
            size--;
        }
        return port;
    }

    /** One more than the highest index in use. */
    public int size() {
        return size;
    }

    /** Grows whenever a port comes or goes. */
    public int changes() {
        return changes;
    }

    /** The port, or null. */
    public Port get(int index) {
        return ports[index];
    }

    /** Of the port that is or was last at that index. */
    public PortCounters counters(int index) {
        return counters[index];
    }

    /** Any thread: the counters of all ports that ever were. */
    public List<Counter> snapshot() {
        return byName.entrySet().stream().flatMap(entry -> entry.getValue().snapshot(entry.getKey()).stream()).toList();
    }
}
