package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weft.api.DataPathKind;
import dev.weft.api.NodeSpec;
import dev.weft.api.OverlayNode;
import dev.weft.api.WeftException;
import dev.weft.mesh.path.RecordingDataPath;
import dev.weft.testing.FreePort;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom nothing is removed of; what is removed, kernel-path's own test shows. */
class NodeLeftoversTest {

    @TempDir
    private Path directory;

    @Test
    void shouldRemoveNothingOfANodeThatRuns() {
        NodeSpec spec = OverlayNode.builder().name("one").dataDirectory(directory).advertise("127.0.0.1").ports(FreePort.control())
                .dataPath(DataPathKind.SOCKET).build();
        try (WeftNode node = NodeStart.start(spec, ClusterLink.init(spec), List.of(new RecordingDataPath(DataPathKind.SOCKET)))) {
            assertThrows(WeftException.InUse.class, () -> OverlayNode.purge(directory));
            assertEquals("one", node.info().name());
        }
    }

    @Test
    void shouldTakeNoOtherDirectoryForANodes() {
        assertThrows(WeftException.InvalidSpec.class, () -> OverlayNode.purge(directory));
        Path missing = directory.resolve("missing");
        assertThrows(WeftException.InvalidSpec.class, () -> OverlayNode.purge(missing));
        assertFalse(Files.exists(missing));
    }
}
