package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.weft.api.ControlPorts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two hosts in namespaces, a node on the kernel's data path in each, and a container at each: killed, restarted, stopped. */
@Tag("privileged")
class KernelNodesTest {

    private static final String PREFIX = "wm" + ProcessHandle.current().pid() % 10_000;

    @TempDir
    private Path directory;
    private final List<NodeProcess> processes = new ArrayList<>();

    @BeforeEach
    void makeHosts() throws Exception {
        for (int i = 1; i <= 2; i++) {
            ip("netns", "add", container(i));
            ip("netns", "add", host(i));
            ip("-n", host(i), "link", "set", "lo", "up");
        }
        ip("link", "add", PREFIX + "u1", "netns", host(1), "type", "veth", "peer", "name", PREFIX + "u2", "netns", host(2));
        for (int i = 1; i <= 2; i++) {
            ip("-n", host(i), "addr", "add", "192.0.2." + i + "/24", "dev", PREFIX + "u" + i);
            ip("-n", host(i), "link", "set", PREFIX + "u" + i, "up");
        }
    }

    @AfterEach
    void removeHosts() throws Exception {
        for (NodeProcess process : processes) {
            process.close();
        }
        for (int i = 1; i <= 2; i++) {
            ip("netns", "del", host(i));
            ip("netns", "del", container(i));
        }
    }

    private static String host(int i) {
        return PREFIX + "-h" + i;
    }

    private static String container(int i) {
        return PREFIX + "-c" + i;
    }

    private static String output(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static void ip(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertEquals(0, process.waitFor(), command.toString());
    }

    private NodeProcess node(int i, String attach, String... managerAndToken) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("n" + i, directory.resolve("n" + i).toString(), "192.0.2." + i,
                NodeMain.text(ControlPorts.DEFAULT), "KERNEL", attach));
        arguments.addAll(List.of(managerAndToken));
        NodeProcess process = NodeProcess.start(List.of("ip", "netns", "exec", host(i)), arguments.toArray(String[]::new));
        processes.add(process);
        return process;
    }

    /** One echo from the first container to the second, by the kernels' own ICMP. */
    private static boolean pings() {
        try {
            return output("ip", "netns", "exec", container(1), "ping", "-c1", "-W1", "10.7.1.3").contains(" 0% packet loss");
        } catch (IOException e) {
            return false;
        }
    }

    /** The interfaces and the nf_tables rules in the hosts and containers. */
    private static List<String> everything() throws IOException {
        List<String> found = new ArrayList<>();
        for (int i = 1; i <= 2; i++) {
            for (String namespace : List.of(host(i), container(i))) {
                output("ip", "-n", namespace, "-br", "link").lines().map(line -> namespace + " " + line.split(" ")[0]).forEach(found::add);
                found.add(output("ip", "netns", "exec", namespace, "nft", "list", "ruleset"));
            }
        }
        return found;
    }

    @Test
    void shouldPingAgainAfterBothNodesWereKilledAndLeaveNothingWhenStopped() throws Exception {
        List<String> before = everything();
        NodeProcess one = node(1, "a@" + container(1));
        String[] managerAndToken = {"192.0.2.1:" + ControlPorts.DEFAULT.management(), one.said("token")};
        NodeProcess two = node(2, "b@" + container(2), managerAndToken);
        Await.until("the containers reach each other", KernelNodesTest::pings);

        one.kill();
        two.kill();
        NodeProcess oneAgain = node(1, "");
        NodeProcess twoAgain = node(2, "", managerAndToken);

        assertEquals("[blue]", oneAgain.said("networks"));
        assertEquals("[a]", oneAgain.said("local"));
        assertEquals("[b]", twoAgain.said("local"));
        Await.until("the containers reach each other again", KernelNodesTest::pings);

        twoAgain.stop();
        oneAgain.stop();
        assertEquals(before, everything());
        String names = output("ip", "netns", "list");
        assertFalse(names.contains("weft-" + one.said("id").substring(0, 8)), names);
        assertFalse(names.contains("weft-" + two.said("id").substring(0, 8)), names);
    }
}
