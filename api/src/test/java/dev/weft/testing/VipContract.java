package dev.weft.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.LoadBalancing;
import dev.weft.api.path.Spread;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** How a pair of data paths spreads connections to VIPs, keeps them, and ends them. */
public abstract class VipContract extends PairContract {

    private static final int CONNECTIONS = 300;

    @Test
    void shouldSpreadConnectionsToAVipFairlyAndKeepThem() throws IOException {
        List<TwoHosts.Member> backends = new ArrayList<>(List.of(b, hosts.member("c", VNI, 2, 21), hosts.member("d", VNI, 1, 22)));
        hosts.service("web", 200, backends);
        applyBoth();
        List<Process> running = new ArrayList<>();
        try {
            serve(backends, running);
            Map<String, Integer> shares = shares();
            assertEquals(3, shares.size(), shares.toString());
            // 300 draws of one third: 100 each, and 60 is five standard deviations away
            assertTrue(shares.values().stream().allMatch(share -> share >= 60 && share <= 140), shares.toString());
            Pings.assertNoneLost(a.container(), "10.77.0.200", 3, 0.05);
            Process held = hold(running, "b");
            hosts.service("web", 200, backends.stream().filter(backend -> !backend.name().equals("c")).toList());
            applyBoth();
            assertEquals(java.util.Set.of("b", "d"), shares().keySet());
            assertEquals("still there", say(held, "still there"));
            hosts.service("web", 200, List.of(backends.get(2)), List.of(b), Spread.EVEN);
            applyBoth();
            assertEquals(java.util.Set.of("d"), shares().keySet(), "b drains");
            assertEquals("and drains", say(held, "and drains"));
            hosts.service("web", 200, List.of());
            applyBoth();
            String refused = Shell.tryRun(Shell.inside(a.container(), "timeout", "60", "socat", "-u", "TCP:10.77.0.200:80", "STDOUT"));
            assertTrue(refused.contains("refused"), refused);
        } finally {
            running.forEach(Process::destroy);
        }
    }

    protected static void serve(List<TwoHosts.Member> backends, List<Process> running) throws IOException {
        for (TwoHosts.Member backend : backends) {
            Process server = Shell.startIn(backend.container(), "python3", "-c", VipScripts.TCP_SERVER, "80", backend.name());
            running.add(server);
            assertEquals("ready", new BufferedReader(new InputStreamReader(server.getInputStream())).readLine());
        }
    }

    @Test
    void shouldSpreadByWeightByMaglevAndByTheClientsAddress() throws IOException {
        List<TwoHosts.Member> backends = List.of(b, hosts.member("c", VNI, 2, 21), hosts.member("d", VNI, 1, 22));
        List<Process> running = new ArrayList<>();
        try {
            hosts.service("web", 200, backends, new Spread(LoadBalancing.ROUND_ROBIN, false, List.of(8, 1, 1)));
            applyBoth();
            serve(backends, running);
            // 300 draws of eight in ten: 240, and 205 is five standard deviations away
            assertTrue(shares().get("b") >= 205);
            hosts.service("web", 200, backends, new Spread(LoadBalancing.MAGLEV, false, List.of()));
            applyBoth();
            Map<String, Integer> shares = shares();
            assertTrue(shares.size() == 3 && shares.values().stream().allMatch(share -> share >= 60 && share <= 140), shares.toString());
            hosts.service("web", 200, backends, new Spread(LoadBalancing.ROUND_ROBIN, true, List.of()));
            applyBoth();
            java.util.Set<String> chosen = shares().keySet();
            assertEquals(1, chosen.size());
            hosts.service("web", 200, backends.stream().filter(backend -> chosen.contains(backend.name())).toList(),
                    new Spread(LoadBalancing.ROUND_ROBIN, true, List.of()));
            applyBoth();
            assertEquals(chosen, shares().keySet());
        } finally {
            running.forEach(Process::destroy);
        }
    }

    /** Pain: "round robin only". */
    @Test
    void shouldGiveNewConnectionsToTheBackendThatHasTheFewest() throws IOException {
        List<TwoHosts.Member> backends = List.of(b, hosts.member("c", VNI, 2, 21), hosts.member("d", VNI, 1, 22));
        Spread least = new Spread(LoadBalancing.LEAST_CONNECTIONS, false, List.of());
        hosts.service("web", 200, List.of(b), least);
        applyBoth();
        List<Process> running = new ArrayList<>();
        try {
            serve(backends, running);
            Process client = Shell.startIn(a.container(), "python3", "-c", VipScripts.TCP_HOLD_MANY, "10.77.0.200", "80");
            running.add(client);
            assertEquals("bbbb", say(client, "open 4"));
            hosts.service("web", 200, backends, least);
            applyBoth();
            assertEquals("ccccdddd", say(client, "open 8"), "until all have four");
            assertEquals("closed", say(client, "close c"));
            hosts.service("web", 200, backends, new Spread(LoadBalancing.LEAST_CONNECTIONS, false, List.of(1, 1, 2)));
            applyBoth();
            assertEquals("ccccdddd", say(client, "open 8"), "four, four, and eight for a weight of two");
            hosts.service("web", 200, backends.subList(0, 2), List.of(backends.get(2)), least);
            applyBoth();
            assertEquals("bbcc", say(client, "open 4"), "d drains");
        } finally {
            running.forEach(Process::destroy);
        }
    }

    @Test
    void shouldReachAVipByUdpInBothFamilies() throws IOException {
        hosts.service("echo", 201, List.of(b));
        applyBoth();
        Process server = Shell.startIn(b.container(), "python3", "-c", UDP_SERVER, "7007");
        try {
            assertEquals("ready", new BufferedReader(new InputStreamReader(server.getInputStream())).readLine());
            for (String vip : List.of("10.77.0.201", "fd77::c9")) {
                assertEquals("all 50", Shell.in(a.container(), "python3", "-c", UDP_CLIENT, vip, "7007", "1", "50"));
            }
        } finally {
            server.destroy();
        }
    }

    /** Pains: "dead tasks get connections", and connections to one that vanished hang. */
    @Test
    void shouldResetTheConnectionsOfABackendThatVanishedAndSendItNoNewOnes() throws IOException {
        List<TwoHosts.Member> backends = List.of(b, hosts.member("c", VNI, 2, 21));
        hosts.service("web", 200, backends);
        applyBoth();
        List<Process> running = new ArrayList<>();
        try {
            serve(backends, running);
            Process held = hold(running, "c");
            Process other = hold(running, "b");
            hosts.detach(backends.get(1));
            hosts.service("web", 200, List.of(b));
            applyBoth();
            assertEquals("reset", say(held, "hello?"));
            assertEquals("hello?", say(other, "hello?"));
            assertEquals(java.util.Set.of("b"), shares().keySet());
            assertEquals("reset 7777", Shell.in(a.container(), "python3", "-c", VipScripts.STRAY_ACK, a.ipv4(), "10.77.0.200", "80"),
                    "never a black hole");
        } finally {
            running.forEach(Process::destroy);
        }
    }

    /** Pain: "UDP flows stay with a gone backend". */
    @Test
    void shouldMoveTheUdpFlowsOfAGoneBackendAtOnce() throws IOException {
        List<TwoHosts.Member> backends = List.of(b, hosts.member("c", VNI, 1, 21));
        hosts.service("echo", 201, backends);
        applyBoth();
        List<Process> running = new ArrayList<>();
        try {
            for (TwoHosts.Member backend : backends) {
                Process server = Shell.startIn(backend.container(), "python3", "-c", VipScripts.UDP_NAMED, "7007", backend.name());
                running.add(server);
                assertEquals("ready", new BufferedReader(new InputStreamReader(server.getInputStream())).readLine());
            }
            Process client = Shell.startIn(a.container(), "python3", "-c", VipScripts.UDP_ASK, "10.77.0.201", "7007");
            running.add(client);
            String first = say(client, "who?");
            assertEquals(first, say(client, "who?"), "a flow stays with its backend");
            TwoHosts.Member stays = backends.get(first.equals("b") ? 1 : 0);
            hosts.service("echo", 201, List.of(stays));
            applyBoth();
            assertEquals(stays.name(), say(client, "who?"));
        } finally {
            running.forEach(Process::destroy);
        }
    }

    /** An open connection to that backend. */
    private Process hold(List<Process> running, String backend) throws IOException {
        while (true) {
            Process client = Shell.startIn(a.container(), "python3", "-c", VipScripts.TCP_HOLD, "10.77.0.200", "80");
            running.add(client);
            StringBuilder name = new StringBuilder();
            for (int c = client.getInputStream().read(); c >= 0 && c != '\n'; c = client.getInputStream().read()) {
                name.append((char) c);
            }
            if (name.toString().startsWith(backend + " ")) {
                return client;
            }
        }
    }

    /** @return what the backend answers over an open connection; null when that has ended */
    protected static String say(Process held, String line) throws IOException {
        held.getOutputStream().write((line + "\n").getBytes());
        held.getOutputStream().flush();
        StringBuilder answer = new StringBuilder();
        int c = held.getInputStream().read();
        for (; c >= 0 && c != '\n'; c = held.getInputStream().read()) {
            answer.append((char) c);
        }
        return c < 0 ? null : answer.toString();
    }

    private Map<String, Integer> shares() {
        Map<String, Integer> shares = new TreeMap<>();
        Shell.in(a.container(), "python3", "-c", VipScripts.TCP_CLIENT, "10.77.0.200", "80", "" + CONNECTIONS).lines()
                .forEach(line -> {
                    assertEquals(a.ipv4(), line.split(" ")[1], "the backend sees the client's own address");
                    shares.merge(line.split(" ")[0], 1, Integer::sum);
                });
        return shares;
    }
}
