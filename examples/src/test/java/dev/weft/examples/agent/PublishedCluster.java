package dev.weft.examples.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Three hosts, a node in each on another data path, four containers with an HTTP server, and a client that is no part of the cluster.
 *
 * <pre>
 *   client 192.0.2.50 --- switch --- h1 kernel (c1, c4), h2 socket (c2), h3 dpdk (c3)
 * </pre>
 */
final class PublishedCluster implements AutoCloseable {

    static final String CLIENT = "192.0.2.50";
    static final List<String> HOSTS = List.of("h1", "h2", "h3");
    private static final Map<String, String> HOST_OF = Map.of("c1", "h1", "c2", "h2", "c3", "h3", "c4", "h1");

    private final Path directory;
    private final List<Process> processes = new ArrayList<>();
    final ClusterLan lan;
    final PublishedService services;

    private PublishedCluster(Path directory) {
        this.directory = directory;
        lan = new ClusterLan(directory, false);
        services = new PublishedService(lan);
    }

    static PublishedCluster start(Path directory) throws Exception {
        PublishedCluster cluster = new PublishedCluster(directory);
        try {
            cluster.startAll();
            return cluster;
        } catch (Exception | AssertionError e) {
            cluster.close();
            throw e;
        }
    }

    private void startAll() throws IOException {
        for (int i = 1; i <= HOSTS.size(); i++) {
            lan.host("h" + i, i);
        }
        lan.host("client", 50);
        lan.start("h1", "kernel", "--init");
        lan.start("h2", "socket", "--join", lan.address("h1"), "--token", token());
        lan.start("h3", "dpdk", "--join", lan.address("h1"), "--token", token());
        ObjectNode blue = ControlClient.request("network-create").put("name", "blue").put("attachable", true);
        Lists.put(blue, "subnets", List.of("10.7.0.0/24"));
        lan.tell("h1", blue);
        for (String container : containers()) {
            lan.namespace(container);
            attach(container);
            serve(container);
        }
    }

    private String token() {
        return lan.tell("h1", ControlClient.request("token").put("role", "worker")).asText();
    }

    static Set<String> containers() {
        return HOST_OF.keySet();
    }

    void attach(String container) {
        lan.tell(HOST_OF.get(container), ControlClient.request("attach").put("network", "blue").put("name", container)
                .put("namespace", lan.name(container)).put("interface", "weft0"));
    }

    /** Starts its HTTP server. */
    void serve(String container) throws IOException {
        serve(container, "python3", "-c", PortScripts.SERVER, container, log(container).toString());
    }

    /** Starts what says that it is ready, and ends with the cluster. */
    Process serve(String container, String... command) throws IOException {
        Process server = start(container, command);
        assertEquals("ready", server.inputReader().readLine());
        return server;
    }

    /** Starts what ends with the cluster. */
    Process start(String which, String... command) throws IOException {
        Process process = lan.startIn(which, command);
        processes.add(process);
        return process;
    }

    /** Who asked a container's HTTP server: address and port, one a line. */
    Path log(String container) {
        return directory.resolve(container + ".clients");
    }

    void publish(String service, List<String> ports, String... backends) {
        services.publish(service, false, ports, backends);
    }

    void remove(String service) {
        lan.tell("h1", ControlClient.request("service-rm").put("name", "blue/" + service));
    }

    /** What all four answer to a client. */
    static Set<String> everyone(String client) {
        return Set.of("c1 " + client, "c2 " + client, "c3 " + client, "c4 " + client);
    }

    @Override
    public void close() throws InterruptedException {
        processes.forEach(Process::destroyForcibly);
        lan.close();
    }
}
