package dev.weft.examples.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Attaches endpoints at a steady rate, at several nodes in turn, whether the cluster can at the moment or not; and detaches the
 * oldest, so that addresses are given again.
 */
final class SteadyAttaches implements AutoCloseable {

    private static final long PER_MINUTE = 500;
    private static final int MOST_AT_A_NODE = 10;

    private final ClusterLan lan;
    private final String network;
    private final String prefix;
    private final ScheduledExecutorService threads;
    private final List<Host> hosts = new ArrayList<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final Map<String, String> refused = new ConcurrentHashMap<>();
    private final Set<String> detached = ConcurrentHashMap.newKeySet();
    /** A detach that was refused: whether it was made is not known. */
    private final Set<String> unsure = ConcurrentHashMap.newKeySet();

    /** One node; its own thread. */
    private final class Host {
        private final String node;
        private final String namespace;
        private final Deque<String> oldestFirst = new ArrayDeque<>();
        private final Map<String, List<String>> attached = new ConcurrentHashMap<>();

        Host(String node, String namespace) {
            this.node = node;
            this.namespace = namespace;
        }

        void attachOne() {
            String name = prefix + asked.incrementAndGet();
            ObjectNode request = ControlClient.request("attach").put("network", network).put("name", name)
                    .put("namespace", lan.name(namespace)).put("interface", name);
            try {
                JsonNode told = lan.tell(node, request);
                attached.put(name, Lists.get(told, "addresses"));
                acknowledged.incrementAndGet();
                oldestFirst.add(name);
                if (oldestFirst.size() > MOST_AT_A_NODE) {
                    detach(oldestFirst.remove());
                }
            } catch (ControlFailure e) {
                refused.put(name, e.getMessage());
            }
        }

        private void detach(String name) {
            attached.remove(name);
            try {
                lan.tell(node, ControlClient.request("detach").put("network", network).put("name", name));
                detached.add(name);
            } catch (ControlFailure e) {
                unsure.add(name);
            }
        }
    }

    /**
     * @param prefix     of the endpoints' names
     * @param namespaces where a node's endpoints are, by node
     */
    SteadyAttaches(ClusterLan lan, String network, String prefix, Map<String, String> namespaces) {
        this.lan = lan;
        this.network = network;
        this.prefix = prefix;
        threads = Executors.newScheduledThreadPool(namespaces.size());
        namespaces.forEach((node, namespace) -> hosts.add(new Host(node, namespace)));
        hosts.forEach(host -> threads.scheduleAtFixedRate(host::attachOne, 0, 60_000 * hosts.size() / PER_MINUTE, TimeUnit.MILLISECONDS));
    }

    /** What was acknowledged and is to be there: the addresses by name. */
    Map<String, List<String>> present() {
        Map<String, List<String>> all = new HashMap<>();
        hosts.forEach(host -> all.putAll(host.attached));
        return all;
    }

    /** What was acknowledged to be gone. */
    Set<String> detached() {
        return detached;
    }

    /** Why an attach was refused, by name. */
    Map<String, String> refused() {
        return refused;
    }

    /** Waits until some more have been acknowledged. */
    void awaitMore(int more) {
        int enough = acknowledged.get() + more;
        ClusterLan.await(more + " more attaches acknowledged; " + refused.values().stream().distinct().toList(), () -> acknowledged.get() >= enough);
    }

    @Override
    public String toString() {
        return asked + " attaches asked, " + acknowledged + " acknowledged, " + refused.size() + " refused; " + detached.size()
                + " detaches acknowledged, " + unsure.size() + " refused";
    }

    /** Returns when nothing is under way any more. Idempotent. */
    @Override
    public void close() throws InterruptedException {
        threads.shutdown();
        if (!threads.awaitTermination(60, TimeUnit.SECONDS)) {
            throw new AssertionError("an attach takes more than a minute");
        }
    }
}
