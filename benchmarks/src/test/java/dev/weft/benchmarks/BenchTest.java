package dev.weft.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BenchTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String line) {
        return Bench.run(new PrintWriter(out, true), new PrintWriter(err, true), line.isEmpty() ? new String[0] : line.split(" "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--help"})
    void shouldListWhatThereIsWithItsArguments(String line) {
        assertEquals(0, run(line));
        List<String> listed = out.toString().lines().filter(each -> each.startsWith("  ")).map(each -> each.strip().split(" ")[0])
                .filter(each -> !each.startsWith("-")).toList();
        assertEquals(List.of("control", "flows", "jmh", "names", "peers", "pipeline", "simulation"), listed.stream().sorted().toList(),
                out.toString());
        assertTrue(out.toString().contains("  pipeline [FORKS] [MS] [CASE...] "), out.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"names", "flows", "peers", "pipeline", "control", "simulation"})
    void shouldSayWhatAnArgumentMeans(String name) {
        assertEquals(0, run(name + " --help"));
        assertTrue(out.toString().startsWith("Usage: ./weft bench " + name), out.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"everything", "names magic", "names socket many", "names socket 0", "names socket 1 1 1", "pipeline x", "pipeline 1 -4",
        "pipeline 1 400 no-such-case", "peers 0", "peers 1 1 no-such-rival", "control x", "simulation x", "simulation -1", "pipeline --fast"})
    void shouldRefuseWrongArgumentsInOneLineWithTheUsage(String line) {
        assertEquals(2, run(line), line);
        List<String> said = err.toString().lines().toList();
        assertTrue(said.getFirst().startsWith("weft bench: "), err.toString());
        assertTrue(said.get(1).startsWith("Usage: ./weft bench"), err.toString());
        assertFalse(err.toString().contains("\tat "), err.toString());
        assertEquals("", out.toString());
    }
}
