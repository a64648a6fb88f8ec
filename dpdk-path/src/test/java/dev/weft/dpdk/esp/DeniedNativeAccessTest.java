package dev.weft.dpdk.esp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A JVM that allows no native access encrypts all the same. */
class DeniedNativeAccessTest {

    /** Run by the test in a JVM of its own. */
    public static void main(String[] arguments) {
        GcmEngines.Choice choice = GcmEngines.choose();
        System.out.println(choice.engine().map(GcmEngine::label).orElse("none") + " " + choice.refused().size());
    }

    @Test
    void shouldTakeTheEngineOfTheJdk() throws IOException, InterruptedException {
        String classPath = String.join(File.pathSeparator, System.getProperty("jdk.module.path", ""), System.getProperty("java.class.path"),
                Path.of("target", "classes").toString(), Path.of("target", "test-classes").toString());
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--illegal-native-access=deny",
                "-cp", classPath, DeniedNativeAccessTest.class.getName()).redirectErrorStream(true).start();
        List<String> output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        assertEquals(0, process.waitFor(), output.toString());
        assertEquals("sunjce 2", output.getLast());
    }
}
