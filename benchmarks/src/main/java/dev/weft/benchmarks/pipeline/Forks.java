package dev.weft.benchmarks.pipeline;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts the processes that measure; compiles the twin first. */
final class Forks {

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

    void twin(List<String> specification, Figures into) throws IOException {
        List<String> command = new ArrayList<>(List.of(twin.toString()));
        command.addAll(specification);
        output(command).lines().forEach(into::take);
    }

    void java(List<String> specification, Figures into) throws IOException {
        List<String> command = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElse("java"), "-Xmx1500m", "-XX:+UseSerialGC",
                "-XX:+UseTransparentHugePages", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(packetPathOptions());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), JavaFork.class.getName()));
        command.addAll(specification);
        output(command).lines().forEach(into::take);
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
