package dev.weft.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TwentyLinesTest {

    /** Where the program leaves its data directory. */
    @TempDir
    private Path directory;

    @Test
    void shouldPrintWhatTheReadmePromises() throws Exception {
        Process program = JavaProcess.start(List.of("env", "JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=" + directory), JavaProcess.classPath(),
                TwentyLines.class.getName());
        String seen = JavaProcess.output(program);
        assertEquals(0, program.waitFor(), seen);
        assertTrue(seen.endsWith("says hello"), seen);
    }

    @Test
    void shouldStandInTheReadmeAsItIs() throws Exception {
        Path source = Path.of("src/main/java/dev/weft/examples/TwentyLines.java");
        List<String> body = Files.readAllLines(source).stream().dropWhile(line -> !line.contains("try (OverlayNode"))
                .takeWhile(line -> !line.equals("    }")).map(line -> line.substring(8)).toList();
        assertTrue(Files.readString(Path.of("../README.md")).contains(String.join("\n", body)), "the README has the program's body");
    }
}
