package dev.weft.mesh.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.EndpointSpec;
import dev.weft.api.NetworkSpec;
import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import dev.weft.mesh.Await;
import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.model.ClusterRecord;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.InMemoryCluster;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ClusterWatchTest {

    private final ClusterStore store = new InMemoryCluster().connect();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch largeMayCome = new CountDownLatch(1);
    private final AtomicInteger changes = new AtomicInteger();
    private volatile boolean away;

    @BeforeEach
    void makeNetworks() {
        Stream.of(Layout.ofManagers(new ClusterRecord("c")), Layout.ofMembers()).flatMap(List::stream).forEach(store::commit);
        Registries registries = new Registries(store, new Random(1));
        Stream.of("large", "small").forEach(name -> registries.networks().create(NetworkSpec.named(name).build(), 1450, List.of()));
    }

    /** It takes its time for one network, or is away. */
    private ClusterStore slow() {
        Class<?>[] type = {ClusterStore.class};
        return (ClusterStore) Proxy.newProxyInstance(ClusterStore.class.getClassLoader(), type, (proxy, method, asked) -> {
            if (method.getName().equals("watch") && asked[0].equals(Layout.network("large"))) {
                begun.countDown();
                largeMayCome.await();
                if (away) {
                    throw new WeftException.ManagerUnreachable("away", null);
                }
            }
            try {
                return method.invoke(store, asked);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }

    private ClusterWatch watch() {
        return new ClusterWatch(slow(), new HandWorker(true), changes::incrementAndGet);
    }

    private static List<String> seen(ClusterWatch watch) {
        return watch.view().networks().stream().map(part -> part.network().name()).toList();
    }

    private static CompletableFuture<Void> retainLarge(ClusterWatch watch) {
        return CompletableFuture.runAsync(() -> watch.retain("large"), task -> Thread.ofPlatform().daemon().start(task));
    }

    /** Returns when it has begun to read. */
    private CompletableFuture<Void> retainingLarge(ClusterWatch watch) throws InterruptedException {
        CompletableFuture<Void> retained = retainLarge(watch);
        assertTrue(begun.await(30, TimeUnit.SECONDS));
        return retained;
    }

    @Test
    void shouldLetNobodyWaitForANetworkThatAnotherOneReads() throws Exception {
        try (ClusterWatch watch = watch()) {
            CompletableFuture<Void> large = retainingLarge(watch);
            assertEquals(List.of(), seen(watch), "not before it is whole");
            watch.retain("small");
            assertEquals(List.of("small"), seen(watch));
            CompletableFuture<Void> second = retainLarge(watch);
            int before = changes.get();
            largeMayCome.countDown();
            CompletableFuture.allOf(large, second).get(30, TimeUnit.SECONDS);
            assertEquals(List.of("large", "small"), seen(watch));
            assertTrue(changes.get() > before, "who computes the state hears that there is more to see");
            watch.release("large");
            assertEquals(List.of("large", "small"), seen(watch), "two need it");
            watch.release("large");
            watch.release("small");
            assertEquals(List.of(), seen(watch));
        }
    }

    @Test
    void shouldForgetANetworkThatCouldNotBeRead() throws Exception {
        away = true;
        try (ClusterWatch watch = watch()) {
            CompletableFuture<Void> large = retainingLarge(watch);
            largeMayCome.countDown();
            Await.until("it has failed", large::isCompletedExceptionally);
            assertThrows(WeftException.ManagerUnreachable.class, () -> watch.retain("large"));
            away = false;
            watch.retain("large");
            assertEquals(List.of("large"), seen(watch));
            watch.release("large");
            assertEquals(List.of(), seen(watch));
        }
    }

    /** As an attach does that was under way when its node was closed: what it throws is to say so, and nothing else. */
    @Test
    void shouldTakeWhatIsReleasedAfterItWasClosed() {
        ClusterWatch watch = watch();
        watch.retain("small");
        watch.close();
        watch.release("small");
        assertEquals(List.of(), seen(watch));
    }

    /** Each look costs what there are nodes. */
    @Test
    void shouldTellOfManyNodesTogetherAndOfFewAtOnce() {
        HandWorker clock = new HandWorker(false);
        try (ClusterWatch watch = new ClusterWatch(store, clock, changes::incrementAndGet)) {
            for (int number = 0; number < 9; number++) {
                enter(number);
            }
            assertEquals(9, changes.get());
            for (int number = 9; number < 30; number++) {
                enter(number);
            }
            assertEquals(9, changes.get());
            clock.timeIsUp();
            assertEquals(10, changes.get());
            assertEquals(30, watch.view().nodes().size());
            enter(30);
            clock.timeIsUp();
            assertEquals(11, changes.get(), "and of the next ones after that");
        }
    }

    /** From a member that was updated before the cluster's format was raised, as none should be; and entries that this version knows nothing of. */
    @Test
    void shouldLeaveOutWhatALaterVersionWroteAndSeeTheRest() {
        Registries registries = new Registries(store, new Random(1));
        NetworkRecord small = registries.networks().find("small").orElseThrow();
        NodeRecord node = node(1);
        registries.membership().register(node);
        registries.endpoints().create(small, EndpointSpec.inProcess("web").build(), node);
        byte[] later = "{\"format\":99}".getBytes(StandardCharsets.UTF_8);
        for (String path : List.of(Layout.endpoints("small") + "/later", Layout.services("small") + "/later", Layout.network("small") + "/colours",
                Layout.network("small") + "/colours/later", Layout.node("later"))) {
            store.commit(new Change.Create(path, later));
        }
        try (ClusterWatch watch = watch()) {
            watch.retain("small");
            NetworkView seen = watch.view().networks().getFirst();
            assertEquals(List.of("web"), seen.endpoints().stream().map(EndpointRecord::name).toList());
            assertEquals(0, seen.services().stream().count());
            assertEquals(Set.of("n1"), watch.view().nodes().keySet());

            store.commit(new Change.Replace(Layout.network("small"), later, Change.ANY_VERSION));
            Await.until("a network that cannot be read is left out", () -> watch.view().networks().isEmpty());
            store.commit(new Change.Replace(Layout.network("small"), RecordCodec.encode(small), Change.ANY_VERSION));
            Await.until("it is back", () -> seen(watch).equals(List.of("small")));
        }
    }

    private void enter(int number) {
        store.commit(new Change.Create(Layout.node("n" + number), RecordCodec.encode(node(number))));
    }

    private static NodeRecord node(int number) {
        InetAddress address = InetAddress.ofLiteral("192.0.2." + number);
        return new NodeRecord("n" + number, "node" + number, NodeRole.WORKER, address, address, DataPathKind.SOCKET, ControlPorts.DEFAULT, false);
    }
}
