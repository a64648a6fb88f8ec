package dev.weft.examples;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** JVMs that a test starts with its own Java and class path. */
public final class JavaProcess {

    private JavaProcess() {
    }

    /** What this test runs on. */
    public static String classPath() {
        String own = Stream.of("jdk.module.path", "java.class.path").map(key -> System.getProperty(key, "")).filter(path -> !path.isEmpty())
                .collect(Collectors.joining(File.pathSeparator));
        return testClasses() + File.pathSeparator + testClasses().resolveSibling("classes") + File.pathSeparator + own;
    }

    private static Path testClasses() {
        Path classes = Path.of(JavaProcess.class.getProtectionDomain().getCodeSource().getLocation().getPath());
        return classes.resolveSibling("test-classes");
    }

    /** @param prefix what the JVM is started by: {@code setpriv ...}, say */
    public static Process start(List<String> prefix, String classPath, String mainClass, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC", "-cp", classPath, mainClass));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    /** All that it prints until it ends. */
    public static String output(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }
}
