package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A JVM with Weft on its class path in which no module may access native memory or functions. */
public final class JvmWithoutNativeAccess {

    private JvmWithoutNativeAccess() {
    }

    /** The last line that a program writes, which has to end well. */
    public static String lastLine(Class<?> program) throws IOException, InterruptedException {
        String classPath = String.join(File.pathSeparator, System.getProperty("jdk.module.path", ""), System.getProperty("java.class.path"),
                Path.of("target", "classes").toString(), Path.of("target", "test-classes").toString());
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--illegal-native-access=deny",
                "-cp", classPath, program.getName()).redirectErrorStream(true).start();
        List<String> output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        assertEquals(0, process.waitFor(), output.toString());
        return output.getLast();
    }
}
