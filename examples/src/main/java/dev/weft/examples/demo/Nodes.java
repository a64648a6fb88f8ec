package dev.weft.examples.demo;

import dev.weft.examples.agent.WeftCommand;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;

/** The node processes: two as {@code ./weft node} runs them, one an application. */
final class Nodes implements AutoCloseable {

    private static final long STOP_SECONDS = 30;

    private final Path directory;
    private final Hosts hosts;
    private final List<String> java;
    /** By node, in the order of their starts. */
    private final SequencedMap<String, Process> running = new LinkedHashMap<>();

    /** @param classPath of the nodes, which start as the launcher starts them */
    Nodes(Hosts hosts, String classPath) throws IOException {
        this.hosts = hosts;
        java = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow", "-XX:+UseSerialGC"));
        java.addAll(packetPathOptions());
        java.addAll(List.of("-cp", classPath));
        directory = Files.createTempDirectory("weft-demo");
    }

    private static List<String> packetPathOptions() throws IOException {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                ClassLoader.getSystemResourceAsStream("META-INF/weft/packet-path.options"), StandardCharsets.UTF_8))) {
            return reader.lines().filter(line -> line.startsWith("-")).toList();
        }
    }

    /** @return what the node printed when it was ready */
    String start(String host, String dataPath, String address, String... initOrJoin) throws IOException {
        return startIn(host, host, dataPath, address, initOrJoin);
    }

    /** A node that is not named as its host is. */
    String startIn(String host, String name, String dataPath, String address, String... initOrJoin) throws IOException {
        List<String> command = new ArrayList<>(java);
        command.addAll(List.of(WeftCommand.class.getName(), "node", "--name", name, "--data", directory.resolve(name).toString(),
                "--control", control(name), "--advertise", address, "--data-path",
                dataPath));
        command.addAll(List.of(initOrJoin));
        return awaitReady(name, host, command);
    }

    /** Starts the application in host c. @return its overlay address */
    String startEcho(String token, String network) throws IOException {
        List<String> command = new ArrayList<>(java);
        command.addAll(List.of(EchoApplication.class.getName(), directory.resolve("c").toString(), "192.0.2.3", "192.0.2.1", token, network));
        return awaitReady("c", "c", command).split(" ")[1];
    }

    private String awaitReady(String name, String host, List<String> command) throws IOException {
        Path log = directory.resolve(name + ".log");
        List<String> inside = new ArrayList<>(List.of("ip", "netns", "exec", hosts.name(host)));
        inside.addAll(command);
        Process process = new ProcessBuilder(inside).redirectError(log.toFile()).start();
        running.putLast(name, process);
        BufferedReader output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith("ready ")) {
                return line;
            }
        }
        throw new IllegalStateException("node " + name + " did not start:\n" + Files.readString(log));
    }

    /** {@code weft -C} to a node. */
    String tell(String name, String... arguments) {
        List<String> command = new ArrayList<>(java);
        command.addAll(List.of(WeftCommand.class.getName(), "-C", control(name)));
        command.addAll(List.of(arguments));
        return Shell.run(command.toArray(String[]::new));
    }

    /** Of a node that was started. */
    Process process(String name) {
        return running.get(name);
    }

    String control(String name) {
        return directory.resolve(name + ".sock").toString();
    }

    /** Last started, first stopped: the manager goes last. */
    @Override
    public void close() throws IOException {
        for (Process process : running.reversed().values()) {
            try {
                process.getOutputStream().close();
                process.destroy();
                if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new IllegalStateException("a node did not stop within " + STOP_SECONDS + " s");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                process.destroyForcibly();
            }
        }
        running.clear();
        try (var files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
    }
}
