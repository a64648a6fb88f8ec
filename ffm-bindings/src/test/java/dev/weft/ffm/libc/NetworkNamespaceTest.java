package dev.weft.ffm.libc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.WeftException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("privileged")
class NetworkNamespaceTest {

    private static final String NAME = "wm-netns-" + ProcessHandle.current().pid();
    private static final Path FILE = Path.of("/run/netns", NAME);

    @AfterEach
    void removeIt() {
        NetworkNamespace.delete(NAME);
    }

    private static String ipNetns() throws IOException {
        Process process = new ProcessBuilder("ip", "netns", "list").redirectError(ProcessBuilder.Redirect.DISCARD).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void shouldMakeWhatIproute2Shows() throws IOException {
        try (NetworkNamespace made = NetworkNamespace.create(NAME)) {
            assertTrue(NetworkNamespace.exists(NAME));
            assertTrue(ipNetns().contains(NAME));
            assertEquals("lo", made.call(() -> Files.readString(Path.of("/proc/thread-self/net/dev"))).lines().skip(2)
                    .map(line -> line.strip().split(":")[0]).findFirst().orElseThrow());
            assertThrows(WeftException.NameTaken.class, () -> NetworkNamespace.create(NAME));
        }
        NetworkNamespace.delete(NAME);
        assertFalse(ipNetns().contains(NAME));
    }

    @Test
    void shouldTakeANameWhoseNamespaceIsGoneForFree() throws IOException {
        Files.createDirectories(FILE.getParent());
        Files.createFile(FILE);

        assertFalse(NetworkNamespace.exists(NAME));
        assertThrows(WeftException.NotFound.class, () -> NetworkNamespace.open(NAME));
        assertTrue(NetworkNamespace.names().contains(NAME), "so that it can be cleaned up");
        NetworkNamespace.create(NAME).close();
        assertTrue(NetworkNamespace.exists(NAME));
    }

    @Test
    void shouldCloseWhatNobodyWaitsForAnyMore() throws InterruptedException {
        CountDownLatch told = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        AutoCloseable opened = closed::countDown;
        try (NetworkNamespace here = NetworkNamespace.current()) {
            Thread waiting = Thread.ofPlatform().start(() -> {
                Thread.currentThread().interrupt();
                assertThrows(WeftException.DataPathFailed.class, () -> here.call(() -> {
                    told.await();
                    return opened;
                }));
            });
            waiting.join();
            told.countDown();
            assertTrue(closed.await(60, TimeUnit.SECONDS), "it stays open");
        }
    }

    /** A descriptor's number is given to the next file that is opened. */
    @Test
    void shouldNotEnterAnotherNamespaceAfterItWasClosed() {
        NetworkNamespace.create(NAME).close();
        NetworkNamespace closed = NetworkNamespace.current();
        closed.close();
        try (NetworkNamespace next = NetworkNamespace.open(NAME)) {
            assertThrows(WeftException.DataPathFailed.class, () -> closed.call(next::id));
        }
    }

    @Test
    void shouldKnowTheNamespaceOfAProcess() {
        assertTrue(NetworkNamespace.exists("/proc/self/ns/net"));
        assertFalse(NetworkNamespace.exists("/etc/hostname"));
        assertFalse(NetworkNamespace.exists("wm-never-made"));
    }
}
