package dev.weft.mesh.ensemble;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.mesh.ensemble.EnsemblePlanner.Manager;
import dev.weft.mesh.ensemble.EnsemblePlanner.Presence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class EnsemblePlannerTest {

    /** Ids of servers in a row: {@code "1 2 3"}; {@code "2!"} is gone, {@code "2?"} missing, {@code "2-"} not wanted, {@code "2!-"} both. */
    private static Map<Integer, Manager> managers(String text) {
        Map<Integer, Manager> managers = new TreeMap<>();
        for (String word : text.split(" ")) {
            Presence presence = word.contains("!") ? Presence.GONE : word.contains("?") ? Presence.MISSING : Presence.LIVE;
            managers.put(Integer.parseInt(word.replaceAll("\\D", "")), new Manager(presence, !word.contains("-")));
        }
        return managers;
    }

    /** {@code "1 2 3 | 4"}: voters and observers. */
    private static Ensemble ensemble(String text) {
        String[] parts = (text + " ").split("\\|");
        return Ensemble.of(ids(parts[0]), parts.length > 1 ? ids(parts[1]) : List.of());
    }

    private static List<Integer> ids(String text) {
        return Arrays.stream(text.strip().split(" ")).filter(word -> !word.isEmpty()).map(Integer::valueOf).toList();
    }

    private static void assertNext(String expected, String managers, String present) {
        assertEquals(Optional.of(ensemble(expected)), EnsemblePlanner.next(managers(managers), ensemble(present), 1));
    }

    private static void assertSettled(String managers, String present) {
        assertEquals(Optional.empty(), EnsemblePlanner.next(managers(managers), ensemble(present), 1));
    }

    @Test
    void shouldLetTheSecondManagerStandBy() {
        assertSettled("1", "1");
        assertNext("1 | 2", "1 2", "1");
        assertSettled("1 2", "1 | 2");
    }

    @Test
    void shouldMakeThreeVotersOfOneWhenThreeAreThere() {
        assertNext("1 2 3", "1 2 3", "1 | 2");
        assertNext("1", "1 2 3", "1 | 2 3");
        assertNext("1 2 3", "1 2 3", "1");
        assertSettled("1 2 3", "1 2 3");
    }

    @Test
    void shouldNotGrowOverOnesThatAreAway() {
        assertSettled("1 2 3!", "1 | 2 3");
        assertSettled("1 2 3?", "1 | 2 3");
    }

    @Test
    void shouldMakeFiveOfThreeWithoutARelease() {
        assertNext("1 2 3 | 4", "1 2 3 4", "1 2 3");
        assertNext("1 2 3 4 5", "1 2 3 4 5", "1 2 3 | 4 5");
        assertNext("1 2 3 4 5 | 6 7", "1 2 3 4 5 6 7", "1 2 3 4 5");
    }

    @Test
    void shouldPutAStandbyInPlaceOfOneThatIsGone() {
        assertSettled("1 2 3? 4", "1 2 3 | 4");
        assertNext("1 2 4 | 3", "1 2 3! 4", "1 2 3 | 4");
        assertSettled("1 2 3 4", "1 2 4 | 3");
    }

    @Test
    void shouldKeepAVoterThatIsGoneWhileNobodyStandsBy() {
        assertSettled("1 2 3!", "1 2 3");
    }

    @Test
    void shouldMakeThreeOfFiveWhenTwoAreGone() {
        assertNext("1 2 3 | 4 5", "1 2 3 4! 5!", "1 2 3 4 5");
        assertSettled("1 2 3 4 5!", "1 2 3 4 5");
        assertNext("1 2 3 4 5", "1 2 3 4 5", "1 2 3 | 4 5");
    }

    @Test
    void shouldMakeOneOfThreeWhenOneIsNotWanted() {
        assertNext("1 | 2", "1 2 3-", "1 2 3");
        assertNext("2 | 3", "1- 2 3", "1 2 3");
        assertNext("1 2 4", "1 2 3- 4", "1 2 3 | 4");
        assertNext("1 2 3", "1 2 3 4-", "1 2 3 | 4");
        assertNext("1 2 3", "1 2 3", "1 2 3 | 4");
    }

    @Test
    void shouldReleaseTheStandbyThatTakesTheOnlyVote() {
        assertNext("1", "1- 2", "1 | 2");
        assertNext("2", "1- 2", "1");
    }

    @Test
    void shouldDoNothingWithoutAMajority() {
        assertSettled("1 2! 3! 4 5", "1 2 3 | 4 5");
        assertSettled("1 2? 3?", "1 2 3");
        assertSettled("1-", "1");
    }

    @Test
    void shouldKeepTheLeaderAmongTheVoters() {
        Optional<Ensemble> next = EnsemblePlanner.next(managers("1 2 3 4-"), ensemble("1 2 3 4 5"), 3);
        assertEquals(Optional.of(ensemble("1 2 3")), next);
        assertEquals(Optional.of(ensemble("3 | 1")), EnsemblePlanner.next(managers("1 2- 3"), ensemble("1 2 3"), 3));
    }

    @Test
    void shouldSayWhyAManagerCannotGo() {
        assertEquals(Optional.of("it is the only manager"), whyNot(1, "1", "1"));
        assertEquals(Optional.of("1 of 3 managers that vote are there, which is no majority"), whyNot(1, "1 2! 3?", "1 2 3"));
        assertEquals(Optional.of("without it 1 of 3 managers that vote would be there, which is no majority"), whyNot(2, "1 2 3!", "1 2 3"));
        assertEquals(Optional.of("without it 0 of 1 managers that vote would be there, which is no majority"), whyNot(1, "1 2!", "1 | 2"));
        assertEquals(Optional.empty(), whyNot(2, "1 2 3", "1 2 3"));
        assertEquals(Optional.empty(), whyNot(3, "1 2 3!", "1 2 3"));
        assertEquals(Optional.empty(), whyNot(2, "1 2 3! 4", "1 2 3 | 4"));
        assertEquals(Optional.empty(), whyNot(1, "1 2", "1 | 2"));
        assertEquals(Optional.empty(), whyNot(2, "1 2", "1 | 2"));
    }

    private static Optional<String> whyNot(int server, String managers, String present) {
        return EnsemblePlanner.whyNotWithout(server, managers(managers), ensemble(present));
    }

    @Test
    void shouldNeverLoseTheMajorityByItsOwnHandAndSettleWheneverAllAreThere() {
        for (int seed = 0; seed < 2_000; seed++) {
            new History(new Random(seed)).run("seed " + seed);
        }
    }

    /** Managers come, go, die and return at random; whatever the planner says is done. */
    private static final class History {
        private final Random random;
        private final Map<Integer, Manager> managers = new TreeMap<>(Map.of(1, new Manager(Presence.LIVE, true)));
        private Ensemble present = ensemble("1");
        private int lastId = 1;

        History(Random random) {
            this.random = random;
        }

        void run(String what) {
            for (int i = 0; i < 60; i++) {
                somethingHappens();
                step(what);
            }
            managers.replaceAll((id, manager) -> new Manager(Presence.LIVE, manager.wanted()));
            int steps = 0;
            while (step(what)) {
                assertTrue(++steps <= 3, what + " goes in circles: " + present + " " + managers);
            }
            int wanted = (int) managers.values().stream().filter(Manager::wanted).count();
            assertEquals(Math.min(EnsemblePlanner.MOST_VOTERS, wanted - 1 + wanted % 2), present.voters().size(), what);
            assertEquals(managers.keySet(), union(present), what);
        }

        private void somethingHappens() {
            List<Integer> ids = new ArrayList<>(managers.keySet());
            int id = ids.get(random.nextInt(ids.size()));
            switch (random.nextInt(4)) {
                case 0 -> managers.put(++lastId, new Manager(Presence.LIVE, true));
                case 1 -> {
                    if (EnsemblePlanner.whyNotWithout(id, managers, present).isEmpty()) {
                        managers.put(id, new Manager(managers.get(id).presence(), false));
                    }
                }
                default -> managers.put(id, new Manager(Presence.values()[random.nextInt(3)], managers.get(id).wanted()));
            }
        }

        private boolean step(String what) {
            Optional<Ensemble> next = EnsemblePlanner.next(managers, present, lastId);
            next.ifPresent(ensemble -> {
                assertTrue(liveOf(present) >= Ensemble.majorityOf(present.voters().size()), what);
                assertTrue(liveOf(ensemble) >= Ensemble.majorityOf(ensemble.voters().size()), what);
                assertEquals(1, ensemble.voters().size() % 2, what);
                long following = ensemble.voters().stream().filter(id -> !present.observers().contains(id) && managers.get(id).isLive()).count();
                assertTrue(following >= Ensemble.majorityOf(ensemble.voters().size()), what + ": ZooKeeper would refuse it");
                present = ensemble;
            });
            managers.keySet().removeIf(id -> !managers.get(id).wanted() && !present.contains(id));
            return next.isPresent();
        }

        private long liveOf(Ensemble ensemble) {
            return ensemble.voters().stream().filter(id -> managers.containsKey(id) && managers.get(id).isLive()).count();
        }

        private static Set<Integer> union(Ensemble ensemble) {
            Set<Integer> all = new HashSet<>(ensemble.voters());
            all.addAll(ensemble.observers());
            return all;
        }
    }
}
