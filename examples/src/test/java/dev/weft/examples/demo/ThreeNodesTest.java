package dev.weft.examples.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.examples.JavaProcess;
import dev.weft.testing.NamingServer;
import dev.weft.testing.Pings;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A DPDK node, a kernel node and a socket node as the command line runs them, a container at each, one network. */
@Tag("privileged")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ThreeNodesTest {

    private static final Map<String, String> CONTAINERS = Map.of("a", "web1", "b", "web2", "c", "web3");
    /** Connects every 20 ms for so many seconds and prints when each attempt began and who answered. Arguments: address, seconds. */
    private static final String CLIENT = """
            import socket, sys, time
            end = time.time() + float(sys.argv[2])
            while time.time() < end:
                began = time.time()
                try:
                    c = socket.create_connection((sys.argv[1], 80), 20); who = c.recv(100).decode().strip() or 'nobody'; c.close()
                except OSError as e:
                    who = 'error'
                print(int(began * 1000), who, flush=True)
                time.sleep(0.02)
            """;

    private final Map<String, List<String>> addresses = new TreeMap<>();
    private Hosts hosts;
    private Nodes nodes;
    private List<String> before;

    @BeforeAll
    void startNodes() throws IOException {
        hosts = new Hosts();
        nodes = new Nodes(hosts, JavaProcess.classPath());
        before = everything();
        nodes.start("a", "dpdk", "192.0.2.1", "--init");
        nodes.start("b", "kernel", "192.0.2.2", "--join", "192.0.2.1", "--token", token());
        startSocketNode();
        nodes.tell("a", "network", "create", "--subnet", "10.77.0.0/24", "--subnet", "fd77::/64", "--attachable", "blue");
        CONTAINERS.forEach((host, container) -> addresses.put(container, List.of(attach(host, container).split(" "))));
    }

    private String token() {
        return nodes.tell("a", "token", "worker");
    }

    private void startSocketNode() throws IOException {
        nodes.start("c", "socket", "192.0.2.3", "--join", "192.0.2.1", "--token", token());
    }

    private String attach(String host, String container) {
        return nodes.tell(host, "attach", "blue", container, "--netns", hosts.name(container));
    }

    /** A node that stops cleanly leaves no interface, rule, namespace or huge page behind. */
    @AfterAll
    void stopNodes() throws IOException {
        try {
            nodes.close();
            assertEquals(before, everything());
        } finally {
            hosts.close();
        }
    }

    private List<String> everything() throws IOException {
        List<String> found = new ArrayList<>();
        for (String namespace : List.of("a", "b", "c", "web1", "web2", "web3")) {
            Shell.run("ip", "-n", hosts.name(namespace), "-br", "link").lines()
                    .map(line -> namespace + " " + line.split("[ @]")[0]).forEach(found::add);
            found.add(Shell.in(hosts.name(namespace), "nft", "list", "ruleset"));
        }
        found.add("namespaces of networks "
                + names("/run/netns").stream().filter(name -> name.startsWith("weft-") && !name.startsWith("weft-demo-")).toList());
        found.add("huge page files " + names("/dev/hugepages"));
        found.add("DPDK " + names("/run/dpdk"));
        Files.readAllLines(Path.of("/proc/meminfo")).stream().filter(line -> line.startsWith("HugePages_Free")).forEach(found::add);
        return found;
    }

    private static List<String> names(String directory) {
        String[] names = new File(directory).list();
        return names == null ? List.of() : Arrays.stream(names).sorted().toList();
    }

    private String address(String container, int family) {
        return addresses.get(container).get(family == 4 ? 2 : 3);
    }

    @Test
    void shouldReachEachOtherWhateverCarriesThem() {
        for (String from : CONTAINERS.values()) {
            for (String to : CONTAINERS.values()) {
                for (int family : from.equals(to) ? new int[0] : new int[] {4, 6}) {
                    Pings.assertNoneLost(hosts.name(from), address(to, family), 20, 0.02);
                }
            }
        }
    }

    /** What is outside for a container is the wire between the hosts. */
    @Test
    void shouldLetContainersOutByTheirNode() {
        Map.of("web1", "192.0.2.2", "web2", "192.0.2.3", "web3", "192.0.2.1").forEach((container, outside) -> {
            Pings.assertNoneLost(hosts.name(container), outside, 5, 0.2);
        });
    }

    @Test
    void shouldSendNoNewConnectionToABackendThatSaysThatItIsUnhealthy() throws Exception {
        List<Process> running = new ArrayList<>();
        try {
            for (String backend : List.of("web2", "web3")) {
                running.add(NamingServer.start(hosts.name(backend), backend));
            }
            String vip = nodes.tell("a", "publish", "blue", "well", "--backend", "web2", "--backend", "web3").split(" ")[1];
            await("both serve", () -> answering(vip).equals(Set.of("web2", "web3")));
            nodes.tell("c", "endpoint", "health", "blue", "web3", "unhealthy", "--reason", "disk full");
            await("one serves", () -> answering(vip).equals(Set.of("web2")));
            assertEquals(Set.of("web2"), answering(vip));
            nodes.tell("c", "endpoint", "health", "blue", "web3", "healthy");
            await("both serve again", () -> answering(vip).equals(Set.of("web2", "web3")));
        } finally {
            running.forEach(Process::destroy);
            nodes.tell("a", "service", "rm", "well");
        }
    }

    /** Who answers some 40 connections from web1. */
    private Set<String> answering(String vip) {
        return Shell.in(hosts.name("web1"), "python3", "-c", CLIENT, vip, "1").lines().map(line -> line.split(" ")[1]).collect(Collectors.toSet());
    }

    @Test
    void shouldSendNoNewConnectionToADetachedBackendAfterASecond() throws Exception {
        List<Process> running = new ArrayList<>();
        try {
            for (String backend : List.of("web2", "web3")) {
                running.add(NamingServer.start(hosts.name(backend), backend));
            }
            String vip = nodes.tell("a", "publish", "blue", "web", "--backend", "web2", "--backend", "web3").split(" ")[1];
            Process open = connectionTo(vip, "web2", running);
            Process client = Shell.start(hosts.name("web1"), "python3", "-c", CLIENT, vip, "600");
            running.add(client);
            BufferedReader answers = reader(client);
            assertTrue(answers.lines().limit(300).anyMatch(line -> line.endsWith(" web3")), "web3 serves");
            nodes.tell("c", "detach", "blue", "web3");
            long late = System.currentTimeMillis() + 1_000;
            List<String> after = answers.lines().filter(line -> Long.parseLong(line.split(" ")[0]) >= late).map(line -> line.split(" ")[1]).limit(50)
                    .toList();
            assertEquals(Collections.nCopies(50, "web2"), after);
            open.getOutputStream().write("still there\n".getBytes());
            open.getOutputStream().flush();
            assertEquals("still there", reader(open).readLine());
        } finally {
            running.forEach(Process::destroy);
            attach("c", "web3");
            nodes.tell("a", "service", "rm", "web");
        }
    }

    /** A connection that stays open, to that backend. */
    private Process connectionTo(String vip, String backend, List<Process> running) throws IOException {
        while (true) {
            Process open = Shell.start(hosts.name("web1"), "socat", "-", "TCP:" + vip + ":80");
            running.add(open);
            StringBuilder name = new StringBuilder();
            for (int c = open.getInputStream().read(); c >= 0 && c != '\n'; c = open.getInputStream().read()) {
                name.append((char) c);
            }
            if (name.toString().equals(backend)) {
                return open;
            }
        }
    }

    private static BufferedReader reader(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream()));
    }

    @Test
    void shouldCarryOnWhenANodeIsKilledAndTakeItBack() throws Exception {
        Pings others = Pings.start(hosts.name("web1"), address("web2", 4), 0.05);
        nodes.process("c").destroyForcibly().waitFor();
        await("the others forget the endpoints of the killed node", () -> !nodes.tell("b", "network", "inspect", "blue").contains("\"web3\""));
        startSocketNode();
        await("its container is back", () -> Shell.answers(hosts.name("web1"), "ping", "-q", "-c", "1", "-W", "1", address("web3", 4)));
        assertTrue(nodes.tell("c", "network", "ls").contains("blue"));
        others.assertNoneLost();
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, what);
        }
    }

    /** A line each: what is asked, and the code of the refusal. */
    private static final String BAD_INPUT = """
            network create --subnet 10.300.0.0/24 n                              | invalid-spec
            network create --subnet 10.1.0.1/24 n                                | invalid-spec
            network create --subnet 10.1.0.0/24 --subnet 10.1.0.128/25 n         | invalid-spec
            network create --subnet 10.1.0.0/24 --gateway 10.2.0.1 n             | invalid-spec
            network create --subnet 10.1.0.0/24 --ip-range 10.2.0.0/25 n         | invalid-spec
            network create --mtu 67 n                                            | invalid-spec
            network create --mtu 70000 n                                         | invalid-spec
            network create blue                                                  | name-taken
            network inspect none                                                 | not-found
            network rm blue                                                      | in-use
            attach blue web1 --netns NAMESPACE                                   | name-taken
            attach blue other --netns NAMESPACE --ip 10.78.0.9                   | address-unavailable
            attach blue other --netns NAMESPACE --ip 10.77.0.1                   | address-unavailable
            attach blue other --netns NAMESPACE --ip TAKEN                       | address-unavailable
            attach blue other --netns no-such-namespace                          | not-found
            attach none other --netns NAMESPACE                                  | not-found
            attach blue other --vtep 192.0.2.2 --mac 02:00:00:00:00:09 --ip 10.77.0.9 | invalid-spec
            attach blue other --netns NAMESPACE --health-check tcp:0              | invalid-spec
            endpoint health blue other healthy                                   | not-found
            detach blue other                                                    | not-found
            publish blue web1 --backend web2                                     | name-taken
            service rm none                                                      | not-found
            """;

    @Test
    void shouldRefuseBadInputWithItsReasonAndLeaveNothing() throws IOException {
        List<String> systemBefore = everything();
        String stateBefore = state();
        BAD_INPUT.lines().map(line -> line.split(" *\\| *")).forEach(line -> {
            String[] words = line[0].replace("NAMESPACE", hosts.name("web1")).replace("TAKEN", address("web2", 4)).split(" +");
            String told = assertThrows(IllegalStateException.class, () -> nodes.tell("a", words), line[0]).getMessage();
            assertTrue(told.contains("weft: " + line[1] + ": "), told);
        });
        assertEquals(stateBefore, state());
        assertEquals(systemBefore, everything());
    }

    private String state() {
        return nodes.tell("b", "network", "inspect", "blue") + nodes.tell("b", "network", "ls") + nodes.tell("b", "node", "ls");
    }

    /** In host c, which has a node on UDP port 4789 already. */
    private static final String BAD_STARTS = """
            kernel --join 192.0.2.1 --token WEFT2-nonsense                       | token-refused
            kernel --join 192.0.2.9 --token TOKEN                                | manager-unreachable
            kernel --join 192.0.2.1:99999 --token TOKEN                          | invalid-spec
            kernel --data-path-addr 192.0.2.77 --join 192.0.2.1 --token TOKEN    | data-path-unavailable
            dpdk --uplink none0 --join 192.0.2.1 --token TOKEN                   | data-path-unavailable
            socket --gwbridge-subnet fd00::/64 --join 192.0.2.1 --token TOKEN    | invalid-spec
            socket --gwbridge-opt enable_icc=maybe --join 192.0.2.1 --token TOKEN | invalid-spec
            socket --join 192.0.2.1 --token TOKEN                                | port-in-use
            """;

    @Test
    void shouldRefuseToStartWithItsReasonAndLeaveNothing() throws IOException {
        List<String> systemBefore = everything();
        String stateBefore = state();
        String token = token();
        BAD_STARTS.lines().map(line -> line.split(" *\\| *")).forEach(line -> {
            List<String> words = List.of(line[0].replace("TOKEN", token).split(" "));
            String told = assertThrows(IllegalStateException.class, () -> nodes.startIn("c", "d", words.getFirst(), "192.0.2.3",
                    words.subList(1, words.size()).toArray(String[]::new)), line[0]).getMessage();
            assertTrue(told.contains("weft: " + line[1] + ": "), told);
        });
        assertEquals(stateBefore, state());
        assertEquals(systemBefore, everything());
    }
}
