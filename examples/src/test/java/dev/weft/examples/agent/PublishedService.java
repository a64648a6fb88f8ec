package dev.weft.examples.agent;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.TreeSet;

/** Services of the network blue with published ports, from the side of the manager h1 and from that of their clients. */
record PublishedService(ClusterLan lan) {

    void publish(String service, boolean masquerade, List<String> ports, String... backends) {
        ObjectNode request = ControlClient.request("publish").put("network", "blue").put("name", service).put("mode", "vip").put("lb", "rr")
                .put("masquerade", masquerade);
        Lists.put(request, "backends", List.of(backends));
        Lists.put(request, "ports", ports);
        lan.tell("h1", request);
    }

    /** What a port answers by HTTP; nothing when it does not. */
    String get(String from, String address, int port) {
        String host = address.contains(":") ? "[" + address + "]" : address;
        return lan.in(from, "sh", "-c", "curl -s -m 2 http://" + host + ":" + port + "/ || true");
    }

    /** Until all have answered that are expected to, and nobody else. */
    void awaitAll(String from, String address, int port, String... expected) {
        TreeSet<String> answered = new TreeSet<>();
        ClusterLan.await(from + " hears of " + List.of(expected) + " at " + address + ":" + port + "; heard of " + answered, () -> {
            String answer = get(from, address, port);
            assertTrue(answer.isEmpty() || List.of(expected).contains(answer), answer);
            answered.add(answer);
            return answered.containsAll(List.of(expected));
        });
    }
}
