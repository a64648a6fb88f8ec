package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Endpoint;
import dev.weft.api.EndpointInfo;
import dev.weft.api.EndpointSpec;
import dev.weft.api.NetworkSpec;
import dev.weft.api.OverlayNetwork;
import dev.weft.api.WeftException;
import dev.weft.api.path.EndpointId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Attaching and detaching under stress. */
@Timeout(120)
class LocalEndpointsTest {

    private static final int THREADS = 8;
    private static final int ROUNDS = 20;

    @TempDir
    private Path directory;
    private MemoryNodes nodes;
    private WeftNode node;

    @BeforeEach
    void startNode() {
        nodes = new MemoryNodes(directory);
        node = nodes.start("one");
    }

    @AfterEach
    void closeNode() {
        nodes.close();
    }

    private static EndpointSpec spec(String name) {
        return EndpointSpec.networkNamespace(name, "ns", "eth0").build();
    }

    @Test
    void shouldAttachAndDetachFromManyThreadsAtOnce() throws Exception {
        OverlayNetwork blue = node.createNetwork(NetworkSpec.named("blue").build());
        String before = nodes.cluster.toString();
        List<Future<Integer>> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            for (int i = 0; i < THREADS; i++) {
                int number = i;
                results.add(threads.submit((Callable<Integer>) () -> attachAndDetach(blue, number)));
            }
        }
        for (Future<Integer> result : results) {
            assertEquals(ROUNDS, result.get());
        }
        assertEquals(before, nodes.cluster.toString());
        Await.until("nothing is carried", () -> nodes.path("one").last().networks().isEmpty());
    }

    private static int attachAndDetach(OverlayNetwork network, int thread) {
        int done = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Endpoint endpoint = network.attach(spec("e" + thread + "-" + round));
            assertTrue(network.localEndpoints().contains(endpoint));
            endpoint.close();
            done++;
        }
        return done;
    }

    @Test
    void shouldLetOneOfManyThreadsHaveAName() throws Exception {
        OverlayNetwork blue = node.createNetwork(NetworkSpec.named("blue").build());
        List<Future<Boolean>> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            for (int i = 0; i < THREADS; i++) {
                results.add(threads.submit(() -> gets(blue, "same")));
            }
        }
        int winners = 0;
        for (Future<Boolean> result : results) {
            winners += result.get() ? 1 : 0;
        }
        assertEquals(1, winners);
        assertEquals(List.of("same"), blue.endpoints().stream().map(EndpointInfo::name).toList());
        assertEquals(1, nodes.path("one").last().networks().getFirst().locals().size());
    }

    private static boolean gets(OverlayNetwork network, String name) {
        try {
            network.attach(spec(name));
            return true;
        } catch (WeftException.NameTaken e) {
            return false;
        }
    }

    /** Nothing is lost then, so nothing would be found again, and the name would be taken for as long as the node runs. */
    @Test
    void shouldLeaveNothingOfAnAttachThatWasInterrupted() throws Exception {
        OverlayNetwork blue = node.createNetwork(NetworkSpec.named("blue").build());
        String before = nodes.cluster.toString();
        CountDownLatch wanted = new CountDownLatch(1);
        CountDownLatch made = new CountDownLatch(1);
        nodes.path("one").onApply = state -> {
            if (!state.networks().isEmpty()) {
                wanted.countDown();
                assertDoesNotThrow(() -> made.await());
            }
        };
        List<String> outcome = new CopyOnWriteArrayList<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            WeftException failure = assertThrows(WeftException.DataPathFailed.class, () -> blue.attach(spec("a")));
            outcome.add(failure.getMessage() + " " + Thread.currentThread().isInterrupted());
        });
        wanted.await();
        thread.interrupt();
        Await.until("it gives up, and takes out what it had claimed", () -> nodes.cluster.toString().equals(before));
        made.countDown();
        thread.join();

        assertEquals(List.of("interrupted before the data path had taken up endpoint " + new EndpointId(blue.info().vni(), "a")
                + "; attach it again true"), outcome);
        assertEquals("a", blue.attach(spec("a")).info().name());
    }

    @Test
    void shouldStartEvenWhenAnEndpointCannotComeBackYet() {
        OverlayNetwork blue = node.createNetwork(NetworkSpec.named("blue").build());
        blue.attach(spec("a"));
        blue.attach(spec("b"));
        node.close();
        nodes.path("one").failing.put("a", new WeftException.NotFound("no namespace 'ns'"));

        WeftNode again = nodes.start("one");

        assertEquals(List.of("a", "b"), again.network("blue").localEndpoints().stream().map(each -> each.info().name()).toList());
        int attempts = nodes.path("one").applied.size();
        Await.until("it is tried again", () -> nodes.path("one").applied.size() > attempts);
        again.network("blue").detach("a");
        assertEquals(1, nodes.path("one").last().networks().getFirst().locals().size());
    }
}
