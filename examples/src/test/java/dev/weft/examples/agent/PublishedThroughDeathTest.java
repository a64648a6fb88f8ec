package dev.weft.examples.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** 10,000 connections and more to a published port, while a backend goes and comes back, and a node dies. */
@Tag("privileged")
class PublishedThroughDeathTest {

    /** Made and looked at in each of four times: at first, without a backend, with it again, and without a node. */
    private static final int CONNECTIONS = 2_500;
    /** Each has a port of its own, from 10,000 on; the kernel gives others. */
    private static final int MOST_CONNECTIONS = 50_000;
    private static final String PORTS_OF_THE_KERNEL = "60000 65535";
    /** From when a manager knows of a death to when every node has its rules so. */
    private static final long SETTLED_MS = 3_000;

    /** One connection of the many. */
    private record Connection(int port, String node, long began, long ended, String answer) {

        static Connection parse(String line) {
            String[] parts = line.split(" ", 5);
            return new Connection(Integer.parseInt(parts[0]), parts[1], Long.parseLong(parts[2]), Long.parseLong(parts[3]), parts[4]);
        }

        boolean failed() {
            return answer.startsWith("failed");
        }

        boolean touches(long from, long until) {
            return ended >= from && began <= until;
        }
    }

    /** When things happened, in ms. */
    private record Times(long detaching, long detached, long killing, long known) {
    }

    @Test
    void shouldFailOnlyConnectionsToWhatDied(@TempDir Path directory) throws Exception {
        try (PublishedCluster cluster = PublishedCluster.start(directory)) {
            ClusterLan lan = cluster.lan;
            lan.in("client", "sysctl", "-q", "-w", "net.ipv4.ip_local_port_range=" + PORTS_OF_THE_KERNEL);
            cluster.publish("web", List.of("8080:80"), "c1", "c2", "c3", "c4");
            for (String host : PublishedCluster.HOSTS) {
                cluster.services.awaitAll("client", lan.address(host), 8080,
                        PublishedCluster.everyone(PublishedCluster.CLIENT).toArray(String[]::new));
            }
            List<Connection> all = new ArrayList<>();
            Times times = connectThroughAll(cluster, all);

            assertTrue(all.size() >= 4 * CONNECTIONS, all.size() + " connections");
            lookAtFailures(all, times, lan.address("h3"), served(cluster, "c1", "c2"));
            for (String container : PublishedCluster.containers()) {
                assertTrue(all.stream().anyMatch(each -> each.began() < times.detaching() && each.answer().startsWith(container)),
                        container + " answered");
            }
            assertTrue(all.stream().anyMatch(each -> each.began() > times.known() && each.answer().startsWith("c4")), "c4 answers again");
            assertTrue(all.stream().noneMatch(each -> each.began() > times.known() && each.answer().startsWith("c3")), "c3 is gone");
        }
    }

    private static Times connectThroughAll(PublishedCluster cluster, List<Connection> all) throws Exception {
        ClusterLan lan = cluster.lan;
        Process clients = cluster.start("client", "python3", "-c", PortScripts.CLIENTS, "" + MOST_CONNECTIONS, "8080", lan.address("h1"),
                lan.address("h2"), lan.address("h3"));
        BufferedReader told = clients.inputReader();
        read(told, CONNECTIONS, all);
        long detaching = System.currentTimeMillis();
        lan.tell("h1", ControlClient.request("detach").put("network", "blue").put("name", "c4"));
        ClusterLan.await("c4 has left", () -> !lan.in("c4", "ip", "-br", "link").contains("wi"));
        long detached = System.currentTimeMillis();
        read(told, CONNECTIONS, all);
        cluster.attach("c4");
        read(told, CONNECTIONS, all);
        long killing = System.currentTimeMillis();
        lan.kill("h3");
        clients.outputWriter().append(lan.address("h3")).append('\n').flush();
        ClusterLan.await("h3 is known to be dead", () -> !Lists.get(lan.tell("h1", ControlClient.request("service-inspect").put("name", "web")),
                "serving").contains("c3"));
        long known = System.currentTimeMillis() + SETTLED_MS;
        for (int after = 0; after < CONNECTIONS; after += all.getLast().began() > known ? 1 : 0) {
            read(told, 1, all);
        }
        clients.outputWriter().append("enough\n").flush();
        told.lines().map(Connection::parse).forEach(all::add);
        assertEquals(0, clients.waitFor());
        return new Times(detaching, detached, killing, known);
    }

    private static void read(BufferedReader told, int count, List<Connection> into) throws IOException {
        for (int i = 0; i < count; i++) {
            into.add(Connection.parse(told.readLine()));
        }
    }

    private static Set<Integer> served(PublishedCluster cluster, String... containers) throws IOException {
        Set<Integer> ports = new HashSet<>();
        for (String container : containers) {
            Files.readAllLines(cluster.log(container)).stream().filter(line -> line.startsWith(PublishedCluster.CLIENT + " "))
                    .forEach(line -> ports.add(Integer.parseInt(line.split(" ")[1])));
        }
        return ports;
    }

    private static void lookAtFailures(List<Connection> all, Times times, String dead, Set<Integer> servedByLiving) {
        for (Connection each : all) {
            boolean byTheDead = each.node().equals(dead) && each.ended() >= times.killing();
            boolean mayFail = byTheDead || each.touches(times.detaching(), times.detached()) || each.touches(times.killing(), times.known());
            assertTrue(mayFail || !each.failed(), each + " failed; " + times);
            assertFalse(each.failed() && !byTheDead && servedByLiving.contains(each.port()), each + " was answered by a backend that lives");
            assertTrue(each.failed() || each.answer().endsWith(" " + PublishedCluster.CLIENT), each + ": not the client's own address");
        }
    }
}
