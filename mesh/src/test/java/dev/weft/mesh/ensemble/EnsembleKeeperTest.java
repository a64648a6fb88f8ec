package dev.weft.mesh.ensemble;

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
import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.ensemble.ManagersOfOneJvm.Manager;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.pki.TestAuthority;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.StoreConflict;
import dev.weft.mesh.store.zookeeper.ZooKeeperClusterStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ensemble of real ZooKeeper servers grows, shrinks, and survives. */
class EnsembleKeeperTest {

    @TempDir
    private Path directory;
    private ManagersOfOneJvm managers;

    @BeforeEach
    void found() {
        managers = new ManagersOfOneJvm(directory);
        managers.found();
    }

    @AfterEach
    void close() {
        managers.close();
    }

    private void grow(int size) {
        for (int i = managers.running().size(); i < size; i++) {
            managers.join();
        }
    }

    /** Until it is acknowledged; an attempt whose answer was lost may have been made. */
    private static void write(Manager manager, String path) {
        Await.until("written " + path, () -> {
            try {
                manager.store().commit(new Change.Create(path, new byte[0]));
                return true;
            } catch (WeftException.ManagerUnreachable e) {
                return false;
            } catch (StoreConflict e) {
                return true;
            }
        });
    }

    private static boolean isOut(Manager asked, int server) {
        try {
            return asked.registries().servers().find(server).isEmpty();
        } catch (WeftException.ManagerUnreachable e) {
            return false;
        }
    }

    @Test
    void shouldLetTheSecondStandByAndMakeThreeVotersWithTheThird() {
        managers.join();
        managers.awaitEnsemble(List.of(1), List.of(2));
        managers.join();
        managers.awaitEnsemble(List.of(1, 2, 3), List.of());
        managers.join();
        managers.awaitEnsemble(List.of(1, 2, 3), List.of(4));
        for (Manager manager : managers.running().values()) {
            write(manager, "/weft/written-by-" + manager.number());
            for (Manager reader : managers.running().values()) {
                assertTrue(reader.store().read("/weft/written-by-" + manager.number()).isPresent(), "what is acknowledged, all read");
            }
        }
    }

    /** A follower may say so before the leader has applied it; changes and reads of others are under way at the leader meanwhile. */
    @Test
    void shouldReadAtTheLeaderWhatAFollowerAcknowledged() throws Exception {
        grow(3);
        managers.awaitEnsemble(List.of(1, 2, 3), List.of());
        Manager leader = managers.leader();
        Manager follower = managers.running().values().stream().filter(manager -> manager != leader).findFirst().orElseThrow();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> unseen = clients.invokeAll(List.of(() -> unseen("from-follower", follower, leader),
                    () -> unseen("from-leader", leader, follower), () -> unseen("at-leader", leader, leader)));
            for (Future<Integer> each : unseen) {
                assertEquals(0, each.get(), "answers that were older than what was acknowledged");
            }
        }
    }

    /** How many of a thousand changes at one manager were not read at another after they were acknowledged. */
    private int unseen(String name, Manager written, Manager read) {
        try (ZooKeeperClusterStore writer = managers.client(written.number()); ZooKeeperClusterStore reader = managers.client(read.number())) {
            int unseen = 0;
            for (int i = 0; i < 1_000; i++) {
                String path = "/weft/" + name + i;
                writer.commit(new Change.Create(path, new byte[0]));
                unseen += reader.read(path).isPresent() && writer.read(path).isPresent() ? 0 : 1;
            }
            return unseen;
        }
    }

    @Test
    void shouldGoOnWithoutTheLeaderAndTakeItBack() {
        grow(3);
        managers.awaitEnsemble(List.of(1, 2, 3), List.of());
        for (int round = 0; round < 3; round++) {
            int killed = managers.leader().number();
            write(managers.running().get(killed), "/weft/before" + round);
            managers.kill(killed);
            Manager other = managers.running().values().iterator().next();
            write(other, "/weft/without" + round);
            Manager again = managers.restart(killed);
            assertTrue(again.store().read("/weft/before" + round).isPresent());
            assertTrue(again.store().read("/weft/without" + round).isPresent());
        }
        managers.awaitEnsemble(List.of(1, 2, 3), List.of());
    }

    @Test
    void shouldPutTheStandbyInPlaceOfOneThatIsGoneForLong() {
        grow(4);
        managers.awaitEnsemble(List.of(1, 2, 3), List.of(4));
        managers.kill(2);
        Await.until("its session is over", () -> !managers.running().get(1).registries().membership().live().contains("node2"));
        managers.awaitEnsemble(List.of(1, 2, 3), List.of(4));
        Await.until("noticed, and long ago", () -> {
            managers.putClockForward();
            return managers.running().get(1).store().configuration().ensemble().equals(Ensemble.of(List.of(1, 3, 4), List.of(2)));
        });
        managers.restart(2);
        managers.awaitEnsemble(List.of(1, 3, 4), List.of(2));
    }

    @Test
    void shouldShrinkAndGrowAgainAndGiveTheOnlyVoteToAnother() {
        grow(3);
        managers.awaitEnsemble(List.of(1, 2, 3), List.of());
        int leader = managers.leader().number();
        Manager other = managers.running().values().stream().filter(manager -> manager.number() != leader).findFirst().orElseThrow();
        other.registries().servers().dismiss(leader);
        Await.until("the leader is out", () -> isOut(other, leader));
        managers.running().remove(leader).close();
        Ensemble two = other.store().configuration().ensemble();
        assertEquals(1, two.voters().size(), two.toString());
        assertEquals(1, two.observers().size(), two.toString());

        int only = two.voters().first();
        int standby = two.observers().first();
        managers.running().get(standby).registries().servers().dismiss(only);
        Await.until("it has the vote", () -> isOut(managers.running().get(standby), only));
        managers.running().remove(only).close();
        managers.awaitEnsemble(List.of(standby), List.of());

        Manager fourth = managers.join();
        assertEquals(4, fourth.number(), "no number is given again");
        managers.awaitEnsemble(List.of(standby), List.of(4));
        managers.join();
        managers.awaitEnsemble(List.of(standby, 4, 5), List.of());
    }

    /** The leader decides, whoever was asked; {@link dev.weft.mesh.cluster.MemberWrites} says what it looks at. */
    @Test
    void shouldRefuseALieWhicheverManagerIsAsked() {
        grow(3);
        managers.awaitEnsemble(List.of(1, 2, 3), List.of());
        Registries first = managers.running().get(1).registries();
        NetworkRecord blue = first.networks().create(NetworkSpec.named("blue").subnet("10.0.1.0/24").build(), 1450, List.of());
        EndpointRecord web = first.endpoints().create(blue, EndpointSpec.inProcess("web").build(), first.membership().named("m1"));
        for (int asked : List.of(1, 2, 3)) {
            NodeRecord alice = new NodeRecord(TestAuthority.id(7), "alice", NodeRole.WORKER, web.addresses().getFirst(), web.addresses().getFirst(),
                    DataPathKind.SOCKET, ControlPorts.DEFAULT, false);
            try (ZooKeeperClusterStore store = managers.worker(alice.id(), asked)) {
                Registries hers = new Registries(store, new Random(asked));
                hers.membership().register(alice);
                EndpointRecord eve = hers.endpoints().create(blue, EndpointSpec.inProcess("eve" + asked).build(), alice);
                EndpointRecord lie = new EndpointRecord("blue", eve.name(), alice.id(), web.mac(), web.addresses(), List.of(), eve.attachment());
                assertThrows(WeftException.ManagerRequired.class, () -> store.commit(
                        new Change.Replace("/weft/networks/blue/endpoints/" + eve.name(), RecordCodec.encode(lie), Change.ANY_VERSION)));
                assertEquals(List.of(eve, web), first.endpoints().of(blue));
                hers.endpoints().remove(eve);
            }
        }
    }
}
