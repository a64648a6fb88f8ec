package dev.weft.ffm.libc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.WeftException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("privileged")
class TapDeviceTest {

    private final String name = "wk-tap-" + ProcessHandle.current().pid();
    private NetworkNamespace namespace;

    @BeforeEach
    void makeNamespace() {
        namespace = NetworkNamespace.create(name);
    }

    @AfterEach
    void removeNamespace() {
        namespace.close();
        NetworkNamespace.delete(name);
    }

    @Test
    void shouldMakeATapInsideTheNamespaceAndNowhereElse() throws IOException {
        try (TapDevice tap = namespace.call(() -> TapDevice.create("wktap0"))) {
            assertEquals("wktap0", tap.name());
            assertTrue(namespace.call(() -> hasInterface("wktap0")));
            assertFalse(hasInterface("wktap0"));
        }
        assertFalse(namespace.call(() -> hasInterface("wktap0")));
    }

    @Test
    void shouldRefuseANameThatIsTaken() {
        try (TapDevice tap = namespace.call(() -> TapDevice.create("wktap1"))) {
            assertThrows(WeftException.NameTaken.class, () -> namespace.call(() -> TapDevice.create(tap.name())));
            assertThrows(WeftException.NameTaken.class, () -> namespace.call(() -> TapDevice.create("lo")));
        }
    }

    @Test
    void shouldSayThatAnInterfaceWhichIsDownTakesNothing() {
        try (TapDevice tap = namespace.call(() -> TapDevice.create("wktap2")); Arena arena = Arena.ofConfined()) {
            MemorySegment frame = arena.allocate(60);
            assertEquals(-Errno.EIO.number(), tap.write(frame, 0, 60));
        }
    }

    @Test
    void shouldRefuseANamespaceThatIsTaken() {
        assertThrows(WeftException.NameTaken.class, () -> NetworkNamespace.create(name));
        assertTrue(NetworkNamespace.exists(name), "the one that was there stays");
    }

    @Test
    void shouldLeaveNothingOfADeletedNamespace() {
        String other = name + "b";
        NetworkNamespace.create(other).close();
        assertTrue(Files.exists(Path.of("/run/netns", other)));
        NetworkNamespace.delete(other);
        assertFalse(NetworkNamespace.exists(other));
        assertThrows(WeftException.NotFound.class, () -> NetworkNamespace.open(other));
    }

    private static boolean hasInterface(String interfaceName) throws IOException {
        try (var lines = Files.lines(Path.of("/proc/thread-self/net/dev"))) {
            return lines.anyMatch(line -> line.strip().startsWith(interfaceName + ":"));
        }
    }
}
