package dev.weft.dpdk.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.dpdk.table.LiveFlows;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A JVM that allows no native access has flows all the same. */
class DeniedNativeAccessTest {

    /** Run by the test in a JVM of its own. */
    public static void main(String[] arguments) {
        FlowTable table = new FlowTable(VipFlows.DEFAULT_CAPACITY);
        int flow = table.put(1, 2, 3, 4, 5, 6, 7, FlowState.UDP, new LiveFlows(), 0);
        System.out.println(flow + " " + table.find(1, 2, 3, 4, 5, 0) + " " + table.findReply(1, 6, 7, 2, 3, 0));
    }

    @Test
    void shouldTakeOrdinaryMemory() throws IOException, InterruptedException {
        String classPath = String.join(File.pathSeparator, System.getProperty("jdk.module.path", ""), System.getProperty("java.class.path"),
                Path.of("target", "classes").toString(), Path.of("target", "test-classes").toString());
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--illegal-native-access=deny",
                "-cp", classPath, DeniedNativeAccessTest.class.getName()).redirectErrorStream(true).start();
        List<String> output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        assertEquals(0, process.waitFor(), output.toString());
        assertEquals("0 0 0", output.getLast());
    }
}
