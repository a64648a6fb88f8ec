package dev.weft.examples.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weft.testing.Pings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three managers and two workers, each a process in a host of its own; a container at each worker pings the other all the time,
 * and endpoints are attached at 500 a minute.
 */
@Tag("privileged")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ManagersSurviveTest {
    private static final List<String> MANAGERS = List.of("m1", "m2", "m3");
    private static final Map<String, String> NAMESPACES = Map.of("w1", "e1", "w2", "e2");

    @TempDir
    private static Path directory;
    private ClusterLan lan;
    private String managerToken;
    private String workerToken;
    private String pinged;

    @BeforeAll
    void startNodes() throws IOException {
        lan = new ClusterLan(directory, false);
        for (int i = 1; i <= 3; i++) {
            lan.host("m" + i, i);
        }
        for (int i = 1; i <= 2; i++) {
            lan.host("w" + i, 10 + i);
            lan.namespace("c" + i);
            lan.namespace("e" + i);
        }
        lan.start("m1", "socket", "--init");
        managerToken = lan.tell("m1", ControlClient.request("token").put("role", "manager")).asText();
        workerToken = lan.tell("m1", ControlClient.request("token").put("role", "worker")).asText();
        for (String manager : List.of("m2", "m3")) {
            startManager(manager);
        }
        awaitThreeVoters();
        for (String worker : List.of("w1", "w2")) {
            lan.start(worker, "kernel", "--join", lan.address("m1"), "--token", workerToken);
        }
        ObjectNode blue = ControlClient.request("network-create").put("name", "blue").put("attachable", true);
        Lists.put(blue, "subnets", List.of("10.7.0.0/16"));
        lan.tell("m1", blue);
        attach("w1", "c1");
        pinged = attach("w2", "c2");
        ClusterLan.await("the containers reach each other", this::pingsOnce);
    }

    private void startManager(String manager) throws IOException {
        if (manager.equals("m1")) {
            lan.start("m1", "socket", "--init");
        } else {
            lan.start(manager, "socket", "--join", lan.address("m1"), "--token", managerToken);
        }
    }

    private String attach(String node, String container) {
        return Lists.get(lan.tell(node, ControlClient.request("attach").put("network", "blue").put("name", container)
                .put("namespace", lan.name(container)).put("interface", "weft0")), "addresses").getFirst();
    }

    private boolean pingsOnce() {
        return lan.answers("c1", "ping", "-c1", "-W1", pinged);
    }

    private void awaitThreeVoters() {
        lan.awaitTold("three managers vote", MANAGERS.getFirst(), "managers", told -> told.asText().startsWith("3 managers: 3 vote (m1, m2, m3)"));
    }

    private void awaitAllLive() {
        for (String asked : MANAGERS) {
            lan.awaitTold("all live, says " + asked, asked, "node-ls", told -> {
                List<Boolean> live = new ArrayList<>();
                told.forEach(node -> live.add(node.path("live").asBoolean()));
                return live.equals(List.of(true, true, true, true, true));
            });
        }
    }

    @AfterAll
    void stopNodes() throws InterruptedException {
        lan.close();
    }

    /** Every 20 ms until it is told to stop. */
    private Pings startPings() {
        return Pings.start(lan.name("c1"), pinged, 0.02);
    }

    private static void assertNoneLost(Pings pings) {
        int sent = pings.assertNoneLost();
        assertTrue(sent > 500, sent + " sent");
    }

    /** What was acknowledged is there, as it was acknowledged; what was refused may be, if its answer was lost; no address is there twice. */
    private void assertNothingForgottenOrTwice(SteadyAttaches attaches) {
        for (String asked : MANAGERS) {
            Map<String, List<String>> found = new HashMap<>();
            Set<String> addresses = new HashSet<>();
            JsonNode network = lan.tell(asked, ControlClient.request("network-inspect").put("name", "blue"));
            network.path("endpoints").forEach(endpoint -> {
                List<String> own = Lists.get(endpoint, "addresses");
                found.put(endpoint.path("name").asText(), own);
                own.forEach(address -> assertTrue(addresses.add(address), address + " is there twice"));
            });
            attaches.present().forEach((name, own) -> assertEquals(own, found.get(name), name + ", says " + asked));
            attaches.detached().forEach(name -> assertNull(found.get(name), name + ", says " + asked));
        }
    }

    @Test
    void shouldLoseNothingWhileEachManagerIsKilledInTurn() throws Exception {
        Pings pings = startPings();
        long began = System.nanoTime();
        try (SteadyAttaches attaches = new SteadyAttaches(lan, "blue", "k", NAMESPACES)) {
            attaches.awaitMore(20);
            List<String> turn = new ArrayList<>(MANAGERS);
            turn.sort(Comparator.comparing((String manager) -> !manager.equals(lan.leader(MANAGERS))));
            for (String manager : turn) {
                lan.kill(manager);
                attaches.awaitMore(20);
                startManager(manager);
                attaches.awaitMore(10);
            }
            attaches.close();
            report("killed in turn", attaches, began);
            awaitThreeVoters();
            awaitAllLive();
            assertNothingForgottenOrTwice(attaches);
        }
        assertNoneLost(pings);
    }

    @Test
    void shouldComeBackByItselfAfterTheLeadersLinkWasCut() throws Exception {
        Pings pings = startPings();
        long began = System.nanoTime();
        try (SteadyAttaches attaches = new SteadyAttaches(lan, "blue", "l", NAMESPACES)) {
            attaches.awaitMore(5);
            cutLeaderFor(Duration.ofSeconds(5), cut -> { });
            attaches.awaitMore(10);
            awaitAllLive();
            cutLeaderFor(Duration.ofSeconds(60), cut -> {
                attaches.awaitMore(10);
                losesTheMajorityForAWhile(attaches, cut);
            });
            attaches.awaitMore(10);
            attaches.close();
            report("links cut", attaches, began);
            awaitThreeVoters();
            awaitAllLive();
            assertNothingForgottenOrTwice(attaches);
        }
        assertNoneLost(pings);
    }

    private interface Meanwhile {
        void run(String cut) throws IOException, InterruptedException;
    }

    private void cutLeaderFor(Duration time, Meanwhile meanwhile) throws IOException, InterruptedException {
        String leader = lan.leader(MANAGERS);
        long end = System.nanoTime() + time.toNanos();
        lan.cut(leader);
        meanwhile.run(leader);
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
        lan.mend(leader);
    }

    /** With one manager cut off, another is killed: nothing can be attached, and that is said; packets go on. */
    private void losesTheMajorityForAWhile(SteadyAttaches attaches, String cut) throws IOException, InterruptedException {
        String other = MANAGERS.stream().filter(manager -> !manager.equals(cut)).findFirst().orElseThrow();
        lan.kill(other);
        int refusals = attaches.refused().size();
        ClusterLan.await("attaches are refused", () -> attaches.refused().size() >= refusals + 4);
        assertTrue(attaches.refused().values().stream().allMatch(why -> why.startsWith("manager-unreachable: ")), attaches.refused().toString());
        Pings.assertNoneLost(lan.name("c1"), pinged, 1, 1);
        startManager(other);
        attaches.awaitMore(10);
    }

    private static void report(String what, SteadyAttaches attaches, long beganNanos) {
        System.out.println(what + ": in " + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - beganNanos) + " s " + attaches);
    }
}
