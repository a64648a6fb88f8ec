package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Endpoint;
import dev.weft.api.EndpointInfo;
import dev.weft.api.EndpointSpec;
import dev.weft.api.NetworkSpec;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathState;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node does while the cluster store is away, and when it is back. */
class StoreAwayTest {

    @TempDir
    private Path directory;
    private MemoryNodes nodes;
    private WeftNode one;
    private WeftNode two;
    private Endpoint a;

    @BeforeEach
    void startNodes() {
        nodes = new MemoryNodes(directory);
        one = nodes.start("one");
        two = nodes.start("two");
        one.createNetwork(NetworkSpec.named("blue").build());
        a = attach(one, "a");
        attach(two, "b");
        Await.until("one hears of b", () -> remotes("one").equals(List.of("b")));
    }

    @AfterEach
    void closeNodes() {
        nodes.close();
    }

    private static Endpoint attach(WeftNode node, String name) {
        return node.network("blue").attach(EndpointSpec.networkNamespace(name, "ns-" + name, "eth0").build());
    }

    private List<String> remotes(String node) {
        return nodes.path(node).last().networks().stream().flatMap(network -> network.remotes().stream()).map(remote -> remote.id().name()).toList();
    }

    private List<String> names() {
        return two.network("blue").endpoints().stream().map(EndpointInfo::name).toList();
    }

    @Test
    void shouldLetPacketsFlowOnAndRefuseChanges() {
        DataPathState before = nodes.path("one").last();
        nodes.store("one").suspend();
        two.network("blue").detach("b");

        assertEquals(before, nodes.path("one").last());
        assertFalse(one.info().live());
        assertThrows(WeftException.ManagerUnreachable.class, () -> one.createNetwork(NetworkSpec.named("red").build()));
        assertThrows(WeftException.ManagerUnreachable.class, one::networks);
        assertThrows(WeftException.ManagerUnreachable.class, () -> one.leave());
        assertThrows(WeftException.ManagerUnreachable.class, () -> a.close());
        assertEquals(before, nodes.path("one").last(), "a detach that failed has changed nothing");

        nodes.store("one").resume();
        Await.until("one catches up", () -> remotes("one").isEmpty());
        a.close();
        assertEquals(List.of(), nodes.path("one").last().networks());
    }

    @Test
    void shouldDetachWhatWasRefusedAtFirst() {
        nodes.store("one").suspend();
        assertThrows(WeftException.ManagerUnreachable.class, () -> one.local()
                .attach(two.registries().networks().find("blue").orElseThrow(), EndpointSpec.networkNamespace("c", "ns", "eth0").build()));
        nodes.store("one").resume();

        attach(one, "c").close();

        assertEquals(List.of("a", "b"), names());
    }

    @Test
    void shouldEnterAgainWhenItsSessionWasOver() {
        nodes.store("one").expire();
        Await.until("two forgets a", () -> remotes("two").isEmpty());
        assertEquals(List.of("b"), names());

        nodes.store("one").resume();

        Await.until("two hears of a again", () -> remotes("two").equals(List.of("a")));
        assertTrue(one.info().live());
        assertEquals(List.of("a", "b"), names());
    }

    @Test
    void shouldRemoveWhatItCouldNotTakeOutWhenTheStoreIsBack() {
        nodes.path("one").failing.put("bad", new WeftException.NotFound("no namespace"));
        nodes.path("one").onApply = state -> {
            if (state.networks().getFirst().locals().size() == 2) {
                nodes.store("one").suspend();
            }
        };
        assertThrows(WeftException.NotFound.class, () -> attach(one, "bad"));
        nodes.path("one").onApply = state -> { };
        assertEquals(List.of("a", "b", "bad"), names());

        nodes.store("one").resume();

        Await.until("taken out", () -> names().equals(List.of("a", "b")));
        Await.until("state without it", () -> nodes.path("one").last().networks().getFirst().locals().size() == 1);
    }

    @Test
    void shouldForgetItsEndpointsWhenAnotherNodeTookItsName() {
        nodes.store("two").expire();
        one.registries().membership().forget("0000000000000002", "two");

        nodes.store("two").resume();

        Await.until("two is back without its endpoint", () -> one.nodes().size() == 2 && two.network("blue").localEndpoints().isEmpty());
        Await.until("and carries nothing", () -> nodes.path("two").last().networks().isEmpty());
        assertEquals("b", attach(two, "b").info().name());
    }

    @Test
    void shouldCloseWithoutTheStore() {
        nodes.store("two").expire();
        two.close();
        assertFalse(nodes.path("two").open);
        assertEquals(List.of("a"), one.network("blue").endpoints().stream().map(EndpointInfo::name).toList());
    }
}
