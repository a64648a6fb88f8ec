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
 * Three hosts, a node in each on another data path, four containers with an HTTP server, and a client that is no part of the cluster. What the
 * client asks has IPv4 addresses, or IPv6 ones beside; the network of the containers is IPv4 in either case.
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
    private final boolean ipv6;
    private final List<Process> processes = new ArrayList<>();
    final ClusterLan lan;
    final PublishedService services;

    private PublishedCluster(Path directory, boolean ipv6) {
        this.directory = directory;
        this.ipv6 = ipv6;
        lan = new ClusterLan(directory, false);
        services = new PublishedService(lan);
    }

    static PublishedCluster start(Path directory) throws Exception {
        return start(directory, false);
    }

    /** @param ipv6 whether ports answer by IPv6 too, and are asked by it */
    static PublishedCluster start(Path directory, boolean ipv6) throws Exception {
        PublishedCluster cluster = new PublishedCluster(directory, ipv6);
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
        if (ipv6) {
            for (String host : HOSTS) {
                lan.in(host, "ip", "addr", "add", address(host) + "/64", "dev", "ctl0", "nodad");
            }
            lan.in("client", "ip", "addr", "add", "2001:db8::50/64", "dev", "ctl0", "nodad");
        }
        lan.start("h1", "kernel", "--init");
        lan.start("h2", "socket", "--join", lan.address("h1"), "--token", token());
        lan.start("h3", "dpdk", "--join", lan.address("h1"), "--token", token());
        ObjectNode blue = ControlClient.request("network-create").put("name", "blue").put("attachable", true);
        Lists.put(blue, "subnets", List.of("10.7.0.0/24"));
        lan.tell("h1", blue);
        if (ipv6) {
            lan.weft("h1", "network", "rm", "ingress");
            lan.weft("h1", "network", "create", "--ingress", "--subnet", "10.11.0.0/16", "--subnet", "fd00:11::/64", "both");
        }
        for (String container : containers()) {
            lan.namespace(container);
            attach(container);
            serve(container);
        }
    }

    /** At which the client asks a host. */
    String address(String host) {
        return ipv6 ? "2001:db8::" + host.substring(1) : lan.address(host);
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
        serve(container, PortScripts.SERVER, container, log(container).toString());
    }

    /** Starts a server of {@link PortScripts} that says that it is ready, listens by the client's family, and ends with the cluster. */
    Process serve(String container, String script, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("python3", "-c", script));
        command.addAll(List.of(arguments));
        if (ipv6) {
            command.add("::");
        }
        Process server = start(container, command.toArray(String[]::new));
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
