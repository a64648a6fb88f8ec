package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.WeftException;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.GatewayBridge;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeEndTest {

    @TempDir
    private Path directory;
    private MemoryNodes nodes;

    @BeforeEach
    void makeCluster() {
        nodes = new MemoryNodes(directory);
    }

    @AfterEach
    void closeNodes() {
        nodes.close();
    }

    private static final class StuckBridge implements GatewayBridge {

        @Override
        public Map<EndpointId, WeftException> apply(Collection<Wanted> endpoints) {
            return Map.of();
        }

        @Override
        public void close() {
            throw new WeftException.DataPathFailed("the bridge stays");
        }
    }

    /** Or its data path would go on and its directory stay locked, and nobody could close it again. */
    @Test
    void shouldEndAllElseWhenAPartOfItCannotEnd() {
        nodes.bridges = Optional.of((spec, config) -> new StuckBridge());
        WeftNode one = nodes.start("one");

        assertEquals("the bridge stays", assertThrows(WeftException.DataPathFailed.class, one::close).getMessage());

        assertFalse(nodes.path("one").open);
        one.close();
        nodes.bridges = Optional.empty();
        assertTrue(nodes.start("one").info().live());
    }
}
