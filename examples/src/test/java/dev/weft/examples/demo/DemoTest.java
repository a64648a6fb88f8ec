package dev.weft.examples.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.examples.JavaProcess;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A socket node, a DPDK node and a kernel node in one network, and nothing left of it. */
@Tag("privileged")
class DemoTest {

    @Test
    void shouldShowAllAndLeaveNothingBehind() throws Exception {
        Optional<Set<String>> before = dpdkDirectories();
        Process demo = JavaProcess.start(List.of(), JavaProcess.classPath(), Demo.class.getName());
        String seen = JavaProcess.output(demo);
        assertEquals(0, demo.waitFor(), seen);
        assertTrue(seen.endsWith("All of it is so."), seen);
        try (var names = Files.list(Path.of("/run/netns"))) {
            String prefix = "weft-demo-" + demo.pid() + "-";
            assertFalse(names.anyMatch(name -> name.getFileName().toString().startsWith(prefix)));
        }
        assertEquals(before, dpdkDirectories(), "DPDK left its directory");
    }

    /** What other programs that use DPDK have, or have left, is theirs. */
    private static Optional<Set<String>> dpdkDirectories() {
        return Optional.ofNullable(new File("/run/dpdk").list()).map(Set::of);
    }
}
