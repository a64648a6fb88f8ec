package dev.weft.examples.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hosts with an interface for control and one for data, and a node in each on another data path. No port is the usual one. */
@Tag("privileged")
class TwoWiresTest {

    private static final int DATA_PATH_PORT = 14_789;
    private static final List<String> PORTS = List.of("--management-port", "12377", "--store-port", "12378", "--quorum-port", "12379",
            "--election-port", "12380", "--node-port", "17946", "--data-path-port", Integer.toString(DATA_PATH_PORT));
    private static final int PINGS = 20;

    @TempDir
    private Path directory;
    private ClusterLan lan;

    @BeforeEach
    void makeHosts() {
        lan = new ClusterLan(directory, true);
        for (int i = 1; i <= 3; i++) {
            lan.host("h" + i, i);
            lan.namespace("c" + i);
        }
    }

    @AfterEach
    void removeHosts() throws InterruptedException {
        lan.close();
    }

    private void start(String host, String dataPath, String... initOrJoin) throws IOException {
        List<String> arguments = new ArrayList<>(PORTS);
        arguments.addAll(List.of(initOrJoin));
        lan.start(host, dataPath, arguments.toArray(String[]::new));
    }

    private String attach(int i) {
        return Lists.get(lan.tell("h" + i, ControlClient.request("attach").put("network", "blue").put("name", "c" + i)
                .put("namespace", lan.name("c" + i)).put("interface", "weft0")), "addresses").getFirst();
    }

    private Path capture(String host, String wire) {
        return directory.resolve(host + "-" + wire + ".pcap");
    }

    /** @return when it captures */
    private Process startCapture(String host, String wire) throws IOException {
        Process tcpdump = lan.startIn(host, "tcpdump", "-Z", "root", "--immediate-mode", "-U", "-i", wire + "0", "-w",
                capture(host, wire).toString());
        BufferedReader told = tcpdump.inputReader();
        for (String line = told.readLine(); line == null || !line.contains("listening on"); line = told.readLine()) {
            assertTrue(line != null, "tcpdump ended");
        }
        return tcpdump;
    }

    private long overlay(String host) {
        try {
            return packets(host, "dat", "udp dst port " + DATA_PATH_PORT);
        } catch (AssertionError e) {
            return 0; // the last packet is not written whole yet
        }
    }

    private long packets(String host, String wire, String filter) {
        return lan.in(host, "tcpdump", "-n", "-r", capture(host, wire).toString(), filter).lines().filter(line -> line.contains(" IP")).count();
    }

    @Test
    void shouldKeepControlAndDataEachOnItsWire() throws Exception {
        List<Process> captures = new ArrayList<>();
        for (String host : List.of("h1", "h2", "h3")) {
            for (String wire : List.of("ctl", "dat")) {
                captures.add(startCapture(host, wire));
            }
        }
        start("h1", "kernel", "--init");
        String managers = lan.address("h1") + ":12377";
        start("h2", "socket", "--join", managers, "--token", lan.tell("h1", ControlClient.request("token").put("role", "manager")).asText());
        start("h3", "kernel", "--join", managers, "--token", lan.tell("h1", ControlClient.request("token").put("role", "worker")).asText());
        ObjectNode blue = ControlClient.request("network-create").put("name", "blue").put("attachable", true);
        Lists.put(blue, "subnets", List.of("10.7.0.0/24"));
        lan.tell("h2", blue);
        List<String> addresses = List.of(attach(1), attach(2), attach(3));
        for (int from = 1; from <= 3; from++) {
            for (String to : addresses) {
                String container = "c" + from;
                if (!to.equals(addresses.get(from - 1))) {
                    ClusterLan.await(container + " reaches " + to, () -> lan.answers(container, "ping", "-c1", "-W1", to));
                    lan.in(container, "ping", "-q", "-c", "" + PINGS, "-i", "0.02", to);
                }
            }
        }
        for (String host : List.of("h1", "h2", "h3")) { // a capture that is ended too soon has not written all that it saw
            ClusterLan.await(host + ": the data wire carries the overlay", () -> overlay(host) >= 4 * PINGS);
        }
        for (Process tcpdump : captures) {
            tcpdump.destroy();
            tcpdump.waitFor();
        }

        for (String host : List.of("h1", "h2", "h3")) {
            assertEquals(0, packets(host, "ctl", "ip and not tcp"), host + ": on the control wire is nothing but TCP");
            assertEquals(0, packets(host, "dat", "ip and not udp port " + DATA_PATH_PORT), host + ": on the data wire is nothing but VXLAN");
            assertTrue(packets(host, "ctl", "tcp portrange 12377-12380") > 0, host + ": the control wire carries the store");
        }
    }
}
