package dev.weft.benchmarks.pipeline;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Starts the processes that measure; compiles the twin first. */
final class Forks {

    /** What a side says when it waits for its turn. */
    static final String TURN = "turn";

    private final Path twin;

    /** @param sources of the twin */
    Forks(Path directory, Path sources) throws IOException {
        twin = directory.resolve("pipeline-twin").toAbsolutePath();
        List<String> compile = new ArrayList<>(List.of("gcc", "-O3", "-march=native", "-o", twin.toString(),
                sources.resolve("pipeline.c").toString()));
        compile.addAll(List.of(output(List.of("pkg-config", "--cflags", "--libs", "libdpdk")).strip().split("\\s+")));
        compile.add("-lIPSec_MB");
        output(compile);
    }

    /**
     * One fork of each side. They take turns of a fraction of a second, on one processor: a machine that others use as well is not always equally
     * fast, nor each of its processors, and both sides are to meet the same.
     */
    void run(List<String> specification, Figures java, Figures c) throws IOException {
        try (Side ours = new Side(onOneProcessor(javaCommand(), specification), java);
             Side theirs = new Side(onOneProcessor(List.of(twin.toString()), specification), c)) {
            boolean more = theirs.wantsTurn() & ours.wantsTurn();
            while (more) {
                theirs.giveTurn();
                more = theirs.wantsTurn();
                ours.giveTurn();
                more &= ours.wantsTurn();
            }
        }
    }

    private static List<String> javaCommand() throws IOException {
        List<String> command = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElse("java"), "-Xmx1500m", "-XX:+UseSerialGC",
                "-XX:+UseTransparentHugePages", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(packetPathOptions());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), JavaFork.class.getName()));
        return command;
    }

    private static List<String> onOneProcessor(List<String> command, List<String> arguments) throws IOException {
        return Stream.of(List.of("taskset", "-c", lastProcessor()), command, arguments).flatMap(List::stream).toList();
    }

    /** Of those that this process may use. The first one serves more interrupts. */
    private static String lastProcessor() throws IOException {
        String allowed = Files.readAllLines(Path.of("/proc/self/status")).stream().filter(line -> line.startsWith("Cpus_allowed_list:"))
                .findAny().orElseThrow(() -> new IOException("/proc/self/status does not say which processors may be used"));
        String[] numbers = allowed.split("[^0-9]+");
        return numbers[numbers.length - 1];
    }

    /** Those that {@code ./weft} starts nodes with. */
    private static List<String> packetPathOptions() throws IOException {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                ClassLoader.getSystemResourceAsStream("META-INF/weft/packet-path.options"), StandardCharsets.UTF_8))) {
            return reader.lines().filter(line -> line.startsWith("-")).toList();
        }
    }

    /** What the command writes; it fails when the command does, and says what it wrote. */
    private static String output(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        StringBuilder written = new StringBuilder();
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            reader.lines().forEach(line -> written.append(line).append('\n'));
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + " failed: " + written);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return written.toString();
    }
}
