package dev.weft.examples.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weft.api.OverlayNode;
import dev.weft.examples.JavaProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Hosts in network namespaces on one or two switches, and a node in each as the command line runs it.
 *
 * <pre>
 *   host  ctl0 192.0.2.N    --- switch ctl
 *         dat0 198.51.100.N --- switch dat     (with two wires only)
 * </pre>
 */
final class ClusterLan implements AutoCloseable {

    private static final long PATIENCE_NANOS = 60_000_000_000L;

    private final String prefix = "wc" + ProcessHandle.current().pid() + "-";
    private final Path directory;
    private final List<String> namespaces = new ArrayList<>();
    private final Map<String, Integer> numbers = new TreeMap<>();
    private final Map<String, Process> nodes = new ConcurrentHashMap<>();
    private final Set<String> killed = ConcurrentHashMap.newKeySet();
    private final boolean twoWires;

    ClusterLan(Path directory, boolean twoWires) {
        this.directory = directory;
        this.twoWires = twoWires;
        addSwitch("ctl");
        if (twoWires) {
            addSwitch("dat");
        }
    }

    private void addSwitch(String wire) {
        namespace(wire);
        run("ip", "-n", name(wire), "link", "add", "wire", "type", "bridge", "mcast_snooping", "0");
        run("ip", "-n", name(wire), "link", "set", "wire", "up");
    }

    void namespace(String which) {
        run("ip", "netns", "add", name(which));
        namespaces.add(name(which));
        run("ip", "-n", name(which), "link", "set", "lo", "up");
    }

    void host(String which, int number) {
        namespace(which);
        numbers.put(which, number);
        plug(which, "ctl", address(which));
        if (twoWires) {
            plug(which, "dat", vtep(which));
        }
    }

    private void plug(String which, String wire, String address) {
        run("ip", "-n", name(which), "link", "add", wire + "0", "type", "veth", "peer", "name", which, "netns", name(wire));
        run("ip", "-n", name(wire), "link", "set", which, "master", "wire", "up");
        run("ip", "-n", name(which), "addr", "add", address + "/24", "dev", wire + "0");
        run("ip", "-n", name(which), "link", "set", wire + "0", "up");
        in(which, "ethtool", "-K", wire + "0", "tx", "off", "tso", "off", "gso", "off", "gro", "off");
        run("ip", "netns", "exec", name(wire), "ethtool", "-K", which, "tx", "off", "tso", "off", "gso", "off", "gro", "off");
    }

    String name(String which) {
        return prefix + which;
    }

    String address(String host) {
        return "192.0.2." + numbers.get(host);
    }

    String vtep(String host) {
        return twoWires ? "198.51.100." + numbers.get(host) : address(host);
    }

    /** Frames neither leave the host nor come in. */
    void cut(String host) {
        run("ip", "-n", name("ctl"), "link", "set", host, "down");
    }

    void mend(String host) {
        run("ip", "-n", name("ctl"), "link", "set", host, "up");
    }

    /** Starts a host's node, or the same again; returns when it is ready. */
    void start(String host, String dataPath, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", name(host),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m",
                "-cp", JavaProcess.classPath(), WeftCommand.class.getName(), "node", "--name", host,
                "--data", directory.resolve(host).toString(), "--control", control(host).toString(),
                "--advertise", address(host), "--data-path-addr", vtep(host), "--data-path", dataPath));
        command.addAll(Arrays.asList(arguments));
        Path log = directory.resolve(host + ".log");
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile())).start();
        nodes.put(host, process);
        killed.remove(host);
        BufferedReader output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = output.readLine(); !("ready " + host).equals(line); line = output.readLine()) {
            if (line == null) {
                throw new AssertionError("node " + host + " did not start:\n" + Files.readString(log));
            }
        }
    }

    private Path control(String host) {
        return directory.resolve(host + ".sock");
    }

    /** SIGKILL. */
    void kill(String host) throws InterruptedException {
        nodes.remove(host).destroyForcibly().waitFor();
        killed.add(host);
    }

    /** As {@code weft purge} does, for a node that will not come back: what it has in its host goes with the host, names in /run/netns do not. */
    void purge(String host) {
        OverlayNode.purge(directory.resolve(host));
        killed.remove(host);
    }

    /** @throws ControlFailure if the node refuses */
    JsonNode tell(String host, ObjectNode request) {
        return new ControlClient(control(host)).call(request);
    }

    JsonNode tell(String host, String operation) {
        return tell(host, ControlClient.request(operation));
    }

    /** Runs a command of {@code weft} against a host's node. @throws AssertionError if it fails; with what it wrote */
    void weft(String host, String... arguments) {
        StringWriter said = new StringWriter();
        PrintWriter out = new PrintWriter(said, true);
        List<String> all = new ArrayList<>(List.of("-C", control(host).toString()));
        all.addAll(List.of(arguments));
        if (WeftCommand.run(out, out, all.toArray(String[]::new)) != 0) {
            throw new AssertionError(String.join(" ", arguments) + ": " + said);
        }
    }

    /** Whether a node grants a request by and by. */
    void awaitTold(String what, String host, String operation, Predicate<JsonNode> wanted) {
        await(what, () -> {
            try {
                return wanted.test(tell(host, operation));
            } catch (ControlFailure e) {
                return false;
            }
        });
    }

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within a minute: " + what);
            }
            LockSupport.parkNanos(50_000_000);
        }
    }

    /** The manager that leads: only its server listens for the others' logs. */
    String leader(List<String> managers) {
        String[] found = new String[1];
        await("one of " + managers + " leads", () -> {
            found[0] = managers.stream().filter(nodes::containsKey).filter(host -> in(host, "ss", "-Hltn", "sport = :2379").contains(":2379"))
                    .findFirst().orElse(null);
            return found[0] != null;
        });
        return found[0];
    }

    /** Runs in a host or a container; what it prints. */
    String in(String which, String... command) {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", name(which)));
        all.addAll(List.of(command));
        return run(all.toArray(String[]::new));
    }

    /** What connection tracking knows in the namespaces that a kernel node has for a network; their names are in its own mount namespace. */
    String trackedInNetwork(String host, int vni) {
        return run("nsenter", "--mount", "--target", "" + nodes.get(host).pid(), "sh", "-c", "for each in /run/netns/weft-*-" + vni
                + "; do ip netns exec ${each##*/} cat /proc/net/nf_conntrack 2>/dev/null || true; done");
    }

    /** Whether a command succeeds there. */
    boolean answers(String which, String... command) {
        try {
            in(which, command);
            return true;
        } catch (AssertionError e) {
            return false;
        }
    }

    /** What it prints; nothing when it fails. */
    String tryIn(String which, String... command) {
        try {
            return in(which, command);
        } catch (AssertionError e) {
            return "";
        }
    }

    Process startIn(String which, String... command) throws IOException {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", name(which)));
        all.addAll(List.of(command));
        return new ProcessBuilder(all).redirectErrorStream(true).start();
    }

    private static String run(String... command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = JavaProcess.output(process);
            if (process.waitFor() != 0) {
                throw new AssertionError(String.join(" ", command) + ": " + output);
            }
            return output;
        } catch (IOException e) {
            throw new AssertionError("cannot run " + command[0], e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** The workers first: they tell their managers that they go. */
    @Override
    public void close() throws InterruptedException {
        for (String host : nodes.keySet().stream().sorted(Comparator.reverseOrder()).toList()) {
            Process process = nodes.remove(host);
            process.destroy();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
        List.copyOf(killed).forEach(this::purge);
        namespaces.reversed().forEach(namespace -> run("ip", "netns", "del", namespace));
        namespaces.clear();
    }
}
