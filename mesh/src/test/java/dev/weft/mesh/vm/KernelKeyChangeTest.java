package dev.weft.mesh.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.api.Cipher;
import dev.weft.api.path.SaLimit;
import dev.weft.testing.PairKeys;
import dev.weft.testing.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What the kernel is told when a node sends with another SA, as its own probes see it. That a packet meets its SA's end on another processor
 * cannot be seen here, where there is one; that the node waits for such packets can.
 */
@Tag("vm")
class KernelKeyChangeTest extends KernelHost {

    private static final Path TRACING = Path.of("/sys/kernel/tracing");
    private static final String PROBES = """
            p:weft/added xfrm_state_add
            p:weft/waited __x64_sys_membarrier
            p:weft/removed xfrm_state_delete
            """;

    @BeforeEach
    void makeProbes() throws IOException {
        Shell.words("mount -t tracefs tracefs " + TRACING);
        Files.writeString(TRACING.resolve("kprobe_events"), PROBES);
        Files.writeString(TRACING.resolve("events/weft/enable"), "1");
    }

    @AfterEach
    void removeProbes() throws IOException {
        Files.writeString(TRACING.resolve("events/weft/enable"), "0");
        Files.writeString(TRACING.resolve("kprobe_events"), "");
        Shell.words("umount " + TRACING);
    }

    /** {@code java-417 [000] ..... 35.681: waited: (__x64_sys_membarrier+0x0/0x20)}, and lines of comment. */
    private static List<String> seenWhile(Runnable change) throws IOException {
        Files.writeString(TRACING.resolve("trace"), "");
        change.run();
        return Files.readString(TRACING.resolve("trace")).lines().filter(line -> !line.startsWith("#")).map(line -> line.split(": ")[1]).toList();
    }

    @Test
    void shouldWaitBetweenANewSaAndTheEndOfTheOneBefore() throws IOException {
        PairKeys keys = openWithKeys(false, Cipher.AES_128_GCM, false, SaLimit.DEFAULT, 0);
        assertEquals(List.of("added"), seenWhile(() -> {
            keys.offer();
            make();
        }), "what is received with comes first");
        assertEquals(List.of("added", "waited", "removed"), seenWhile(() -> {
            keys.switchOver();
            make();
        }), "a packet may have found the old one with its route");
        assertEquals(List.of("removed"), seenWhile(() -> {
            keys.retire();
            make();
        }), "nobody sends with it");
        assertEquals(List.of("waited", "removed"), seenWhile(() -> {
            keys.silence();
            make();
        }));
    }
}
