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

    /** Answers each connection with its name and the client's address as it sees it. Arguments: port, name. */
    private static final String TCP_SERVER = """
            import socket, sys, threading
            s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(('', int(sys.argv[1]))); s.listen(512)
            print('ready', flush=True)
            def serve(c, peer):
                c.sendall((sys.argv[2] + ' ' + peer[0]).encode())
                while True:
                    d = c.recv(100)
                    if not d: break
                    c.sendall(d)
                c.close()
            while True:
                threading.Thread(target=serve, args=s.accept(), daemon=True).start()
            """;
    /** Connects so many times and prints what answered. Arguments: address, port, times. */
    private static final String TCP_CLIENT = """
            import socket, sys
            for i in range(int(sys.argv[3])):
                c = socket.create_connection((sys.argv[1], int(sys.argv[2])), 60)
                print(c.recv(100).decode()); c.close()
            """;
    /** Holds a connection open and echoes lines over it; says so when it is reset. Arguments: address, port. */
    protected static final String TCP_HOLD = """
            import socket, sys
            c = socket.create_connection((sys.argv[1], int(sys.argv[2])), 60)
            print(c.recv(100).decode(), flush=True)
            try:
                for line in sys.stdin:
                    c.sendall(line.encode()); print(c.recv(100).decode().strip(), flush=True)
            except ConnectionResetError:
                print('reset', flush=True)
            """;
    /**
     * Does what a line says: open COUNT connections and print who serves each; or close those to BACKEND, and say so when both sides have.
     * Arguments: address, port.
     */
    private static final String TCP_HOLD_MANY = """
            import socket, sys
            held = []
            for line in sys.stdin:
                what, n = line.split()
                if what == 'open':
                    new = [socket.create_connection((sys.argv[1], int(sys.argv[2])), 60) for i in range(int(n))]
                    named = [(c.recv(100).decode().split()[0], c) for c in new]
                    held += named; print(''.join(sorted(name for name, c in named)), flush=True)
                else:
                    for name, c in [h for h in held if h[0] == n]:
                        c.shutdown(socket.SHUT_WR)
                        while c.recv(100): pass
                        c.close(); held.remove((name, c))
                    print('closed', flush=True)
            """;
    /** Answers each datagram with its name. Arguments: port, name. */
    private static final String UDP_NAMED = """
            import socket, sys
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', int(sys.argv[1])))
            print('ready', flush=True)
            while True:
                d, peer = s.recvfrom(100); s.sendto(sys.argv[2].encode(), peer)
            """;
    /** From one port: a datagram for each line, and who answered it first; again each second without an answer. Arguments: address, port. */
    private static final String UDP_ASK = """
            import socket, sys
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect((sys.argv[1], int(sys.argv[2]))); s.settimeout(1)
            for line in sys.stdin:
                while True:
                    try:
                        s.send(line.encode()); print(s.recv(100).decode(), flush=True); break
                    except (TimeoutError, ConnectionRefusedError): pass
            """;
    /** Sends an ACK of no connection and waits for the RST that says so. Arguments: own address, address, port. */
    private static final String STRAY_ACK = """
            import socket, struct, sys
            own, to, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
            s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP); s.settimeout(1)
            tcp = lambda check: struct.pack('>HHIIBBHHH', 44444, port, 1000, 7777, 0x50, 0x10, 1000, check, 0)
            pseudo = socket.inet_aton(own) + socket.inet_aton(to) + struct.pack('>HH', 6, 20) + tcp(0)
            total = sum(struct.unpack('>16H', pseudo)); total = (total & 0xffff) + (total >> 16); total = (total & 0xffff) + (total >> 16)
            for i in range(30):
                s.sendto(tcp(total ^ 0xffff), (to, 0))
                try:
                    while True:
                        d = s.recv(100); h = (d[0] & 15) * 4
                        if d[12:16] == socket.inet_aton(to) and struct.unpack('>HH', d[h:h + 4]) == (port, 44444) and d[h + 13] & 4:
                            print('reset', struct.unpack('>I', d[h + 4:h + 8])[0]); sys.exit()
                except TimeoutError: pass
            """;

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
            Process server = Shell.startIn(backend.container(), "python3", "-c", TCP_SERVER, "80", backend.name());
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
            Process client = Shell.startIn(a.container(), "python3", "-c", TCP_HOLD_MANY, "10.77.0.200", "80");
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
            assertEquals("reset 7777", Shell.in(a.container(), "python3", "-c", STRAY_ACK, a.ipv4(), "10.77.0.200", "80"), "never a black hole");
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
                Process server = Shell.startIn(backend.container(), "python3", "-c", UDP_NAMED, "7007", backend.name());
                running.add(server);
                assertEquals("ready", new BufferedReader(new InputStreamReader(server.getInputStream())).readLine());
            }
            Process client = Shell.startIn(a.container(), "python3", "-c", UDP_ASK, "10.77.0.201", "7007");
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
            Process client = Shell.startIn(a.container(), "python3", "-c", TCP_HOLD, "10.77.0.200", "80");
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
        Shell.in(a.container(), "python3", "-c", TCP_CLIENT, "10.77.0.200", "80", "" + CONNECTIONS).lines()
                .forEach(line -> {
                    assertEquals(a.ipv4(), line.split(" ")[1], "the backend sees the client's own address");
                    shares.merge(line.split(" ")[0], 1, Integer::sum);
                });
        return shares;
    }
}
