package dev.weft.mesh;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A node in a JVM of its own, on the class path as the launcher starts it, so that a test can kill it. See {@link NodeMain}. */
final class NodeProcess implements AutoCloseable {

    private final Process process;
    private final List<String> said;

    private NodeProcess(Process process, List<String> said) {
        this.process = process;
        this.said = said;
    }

    /**
     * Starts a node and waits until it serves, or has ended.
     *
     * @param prefix    what the JVM is started by: {@code ip netns exec NAME}, say
     * @param arguments of {@link NodeMain}
     */
    static NodeProcess start(List<String> prefix, String... arguments) throws IOException {
        String classPath = Stream.of("jdk.module.path", "java.class.path").map(key -> System.getProperty(key, ""))
                .filter(path -> !path.isEmpty()).collect(Collectors.joining(File.pathSeparator));
        String testClasses = Path.of(NodeProcess.class.getProtectionDomain().getCodeSource().getLocation().getPath())
                .resolveSibling("test-classes").toString();
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-cp", testClasses + File.pathSeparator + classPath, NodeMain.class.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        BufferedReader reader = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        return new NodeProcess(process, reader.lines().takeWhile(line -> !line.equals(NodeMain.READY)).toList());
    }

    String said(String key) {
        return said.stream().filter(line -> line.startsWith(key + "=")).findFirst()
                .orElseThrow(() -> new AssertionError(key + " not among " + said)).substring(key.length() + 1);
    }

    /** SIGTERM; returns when it has ended. */
    void stop() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** SIGKILL, should it still run. */
    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor(10, TimeUnit.SECONDS);
    }
}
