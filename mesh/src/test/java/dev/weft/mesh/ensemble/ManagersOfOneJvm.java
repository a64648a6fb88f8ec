package dev.weft.mesh.ensemble;

import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import dev.weft.mesh.Await;
import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.model.ClusterRecord;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.model.ServerRecord;
import dev.weft.mesh.pki.NodeCredentials;
import dev.weft.mesh.pki.TestAuthority;
import dev.weft.mesh.schedule.SystemScheduler;
import dev.weft.mesh.store.zookeeper.EmbeddedServer;
import dev.weft.mesh.store.zookeeper.ZooKeeperClusterStore;
import dev.weft.testing.FreePort;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** Managers with real servers of the cluster store, at the ports of one loopback address. Their clock can be put forward. */
final class ManagersOfOneJvm implements AutoCloseable {

    private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");
    private static final int PATIENCE_SECONDS = 20;

    private final Path directory;
    private final TestAuthority authority;
    private final AtomicLong ahead = new AtomicLong();
    private final Map<Integer, ControlPorts> ports = new TreeMap<>();
    private final Map<Integer, Manager> running = new TreeMap<>();

    ManagersOfOneJvm(Path directory) {
        this.directory = directory;
        this.authority = new TestAuthority(directory.resolve("keys"));
    }

    /** One that runs. */
    record Manager(int number, EmbeddedServer server, ZooKeeperClusterStore store, Registries registries, EnsembleKeeper keeper,
                   StoreLocator locator) {

        void close() {
            keeper.close();
            locator.close();
            store.close();
            server.close();
        }
    }

    /** The first one, or the same again. */
    Manager found() {
        EmbeddedServer server = EmbeddedServer.start(directory.resolve("1"), 1, HERE, portsOf(1), "", credentials(1));
        ZooKeeperClusterStore store = connect(1);
        store.bootstrap(Stream.of(Layout.ofManagers(new ClusterRecord(TestAuthority.CLUSTER)), Layout.ofMembers()).flatMap(List::stream).toList());
        return enter(1, server, store);
    }

    /** A further one. */
    Manager join() {
        int number;
        try (ZooKeeperClusterStore store = connect(0)) {
            number = new Registries(store, new Random(1)).servers().allot();
        }
        ZooKeeperClusterStore store = connect(number);
        return enter(number, EmbeddedServer.start(directory.resolve("" + number), number, HERE, portsOf(number), store.configurationText(),
                credentials(number)), store);
    }

    /** One that was killed. */
    Manager restart(int number) {
        EmbeddedServer server = EmbeddedServer.start(directory.resolve("" + number), number, HERE, portsOf(number), "", credentials(number));
        return enter(number, server, connect(number));
    }

    private Manager enter(int number, EmbeddedServer server, ZooKeeperClusterStore store) {
        Registries registries = new Registries(store, new Random(number));
        NodeRecord node = new NodeRecord(TestAuthority.id(number), "m" + number, NodeRole.MANAGER, HERE, HERE, DataPathKind.SOCKET,
                portsOf(number), false);
        registries.membership().register(node);
        registries.servers().enter(new ServerRecord(number, node.id(), HERE, portsOf(number), true));
        EnsembleKeeper keeper = new EnsembleKeeper(number, server::leads, store, registries, new SystemScheduler(),
                () -> System.nanoTime() + ahead.get());
        Manager manager = new Manager(number, server, store, registries, keeper, StoreLocator.start(store, store::follow));
        running.put(number, manager);
        return manager;
    }

    private ControlPorts portsOf(int number) {
        return ports.computeIfAbsent(number, key -> FreePort.control());
    }

    private NodeCredentials credentials(int number) {
        return authority.credentials(TestAuthority.id(number), NodeRole.MANAGER);
    }

    private ZooKeeperClusterStore connect(int number) {
        return ZooKeeperClusterStore.connect(ports.values().stream().map(each -> new InetSocketAddress(HERE, each.store())).toList(),
                authority.login(TestAuthority.id(number), NodeRole.MANAGER), PATIENCE_SECONDS);
    }

    /** A manager's further connection, to the server of that one only. */
    ZooKeeperClusterStore client(int manager) {
        return ZooKeeperClusterStore.connect(List.of(new InetSocketAddress(HERE, portsOf(manager).store())),
                authority.login(TestAuthority.id(manager), NodeRole.MANAGER), PATIENCE_SECONDS);
    }

    /** A worker's connection to the server of one of the managers. */
    ZooKeeperClusterStore worker(String id, int manager) {
        return ZooKeeperClusterStore.connect(List.of(new InetSocketAddress(HERE, portsOf(manager).store())),
                authority.login(id, NodeRole.WORKER), PATIENCE_SECONDS);
    }

    /** Its session ends with it. */
    void kill(int number) {
        running.remove(number).close();
    }

    void putClockForward() {
        ahead.addAndGet(PresenceTracker.GRACE.toNanos());
    }

    Manager leader() {
        Await.until("one leads", () -> running.values().stream().anyMatch(manager -> manager.server().leads()));
        return running.values().stream().filter(manager -> manager.server().leads()).findFirst().orElseThrow();
    }

    void awaitEnsemble(List<Integer> voters, List<Integer> observers) {
        Ensemble wanted = Ensemble.of(voters, observers);
        Await.until(wanted.toString(), () -> {
            try {
                return running.values().iterator().next().store().configuration().ensemble().equals(wanted);
            } catch (WeftException.ManagerUnreachable e) {
                return false;
            }
        });
    }

    Map<Integer, Manager> running() {
        return running;
    }

    @Override
    public void close() {
        running.values().forEach(Manager::close);
    }
}
