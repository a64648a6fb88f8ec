package dev.weft.ffm.libc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Processes with mounts of their own, as {@code ip netns exec} makes them, that make network namespaces; one of them is killed. */
@Tag("privileged")
class DeadNamesTest {

    private static final String PREFIX = "wm-dead-" + ProcessHandle.current().pid() + "-";
    private final List<Process> makers = new ArrayList<>();

    @AfterEach
    void removeAll() throws InterruptedException {
        for (Process maker : makers) {
            maker.destroyForcibly().waitFor();
        }
        NetworkNamespace.names().stream().filter(name -> name.startsWith(PREFIX)).forEach(NetworkNamespace::delete);
    }

    private Process maker(String name) throws IOException {
        String file = NetworkNamespace.NAMES.resolve(PREFIX + name).toString();
        Process maker = new ProcessBuilder("unshare", "--mount", "--propagation", "slave", "sh", "-c", "touch " + file
                + " && unshare --net mount --bind /proc/self/ns/net " + file + " && echo made && read end").start();
        makers.add(maker);
        assertEquals("made", maker.inputReader().readLine());
        return maker;
    }

    private static List<String> remove() {
        return DeadNames.remove(name -> name.startsWith(PREFIX));
    }

    @Test
    void shouldRemoveNamesThatKilledProcessesLeftAndNoOthers() throws Exception {
        NetworkNamespace.create(PREFIX + "ours").close();
        Process living = maker("living");
        maker("killed").destroyForcibly().waitFor();
        assertFalse(NetworkNamespace.exists(PREFIX + "living"), "for this process it is as dead as the other");

        assertEquals(List.of(PREFIX + "killed"), remove());

        assertFalse(Files.exists(NetworkNamespace.NAMES.resolve(PREFIX + "killed")));
        assertTrue(NetworkNamespace.exists(PREFIX + "ours"));
        assertTrue(NetworkNamespace.exists("/proc/" + living.pid() + "/root" + NetworkNamespace.NAMES.resolve(PREFIX + "living")));
        living.destroyForcibly().waitFor();
        assertEquals(List.of(PREFIX + "living"), remove());
        assertEquals(List.of(), remove());
    }

    @Test
    void shouldLookAtTheNamesAskedForOnly() throws Exception {
        maker("killed").destroyForcibly().waitFor();

        assertEquals(List.of(), DeadNames.remove(name -> name.equals(PREFIX + "other")));

        assertTrue(Files.exists(NetworkNamespace.NAMES.resolve(PREFIX + "killed")));
    }
}
