package dev.weft.mesh.ensemble;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.WeftException;
import dev.weft.mesh.Await;
import dev.weft.mesh.ensemble.ManagersOfOneJvm.Manager;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.StoreConflict;
import java.nio.file.Path;
import java.util.List;
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
}
