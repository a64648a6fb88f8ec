package dev.weft.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cidr;
import dev.weft.api.path.PublishedState;
import dev.weft.testing.Shell;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A backend in a namespace with a default route to the outside, as the gateway bridge gives it.
 *
 * <pre>
 *   node 192.0.2.50 (a client's), wg0 172.16.0.9 --- wi0 172.16.0.5 backend weftgw 172.18.0.2 --- gw0 172.18.0.1 outside, 198.51.100.9
 * </pre>
 */
@Tag("privileged")
class BackendRepliesTest {

    /** A server of UDP and TCP on all addresses. By UDP it sends what it is sent back to who did, or on to the address and port that it names. */
    private static final String SERVER = """
            import socket, threading
            u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(('', 5353))
            t = socket.create_server(('', 5353))
            def tcp():
                while True: c, who = t.accept(); c.sendall(who[0].encode()); c.close()
            threading.Thread(target=tcp, daemon=True).start()
            print('ready', flush=True)
            while True:
                data, who = u.recvfrom(2000)
                words = data.decode().split()
                u.sendto(who[0].encode(), (words[1], int(words[2])) if words[0] == 'tell' else who)
            """;
    /** Asks by UDP from an address of its own, again and again; hears only who has the address that it asked. Arguments: own, server, question. */
    private static final String CLIENT = """
            import socket, sys
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind((sys.argv[1], 0)); s.connect((sys.argv[2], 5353)); s.settimeout(1)
            for _ in range(60):
                try:
                    s.send(sys.argv[3].encode()); print(s.recv(100).decode()); break
                except OSError: pass
            """;
    /** Prints who sends it a datagram. Arguments: own address, port. */
    private static final String LISTENER = """
            import socket, sys
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind((sys.argv[1], int(sys.argv[2]))); print('ready', flush=True)
            print(*s.recvfrom(100)[1], flush=True)
            """;
    private static final String TCP_CLIENT = """
            import socket, sys
            print(socket.create_connection((sys.argv[2], 5353), 60, (sys.argv[1], 0)).recv(100).decode())
            """;

    private final String id = "wr" + ProcessHandle.current().pid();
    private final String node = id + "-n";
    private final String backend = id + "-b";
    private final String outside = id + "-o";
    private Process server;

    @BeforeEach
    void makeHosts() throws IOException {
        for (String namespace : List.of(node, backend, outside)) {
            Shell.words("ip netns add " + namespace);
            Shell.words("ip -n " + namespace + " link set lo up");
        }
        Shell.words("ip -n " + node + " link add wg0 address 02:42:ac:10:00:09 type veth peer name wi0 netns " + backend);
        Shell.words("ip -n " + outside + " link add gw0 type veth peer name weftgw netns " + backend);
        address(node, "wg0", "172.16.0.9/20");
        address(node, "wg0", "172.16.0.1/20"); // answers ARP for the gateway, as the data path does
        address(node, "lo", "192.0.2.50/32");
        address(backend, "wi0", "172.16.0.5/20");
        address(backend, "weftgw", "172.18.0.2/16");
        address(outside, "gw0", "172.18.0.1/16");
        address(outside, "lo", "198.51.100.9/32");
        Shell.words("ip -n " + backend + " route add default via 172.18.0.1");
        server = Shell.startIn(backend, "python3", "-c", SERVER);
        assertEquals("ready", server.inputReader().readLine());
    }

    private static void address(String namespace, String link, String address) {
        Shell.words("ip -n " + namespace + " addr add " + address + " dev " + link);
        Shell.words("ip -n " + namespace + " link set " + link + " up");
    }

    @AfterEach
    void removeHosts() {
        server.destroyForcibly();
        for (String namespace : List.of(node, backend, outside)) {
            Shell.words("ip netns del " + namespace);
        }
    }

    private PublishedState.Backend replies() {
        return new PublishedState.Backend(backend, "wi0", List.of(Cidr.parseAddress("172.16.0.5")), List.of(Cidr.parseAddress("172.16.0.1")));
    }

    /** Of another endpoint in the same namespace, on a wire of its own. */
    private PublishedState.Backend furtherReplies() {
        Shell.words("ip -n " + node + " link add wg1 address 02:42:ac:10:00:0a type veth peer name wi1 netns " + backend);
        address(node, "wg1", "172.16.0.10/32");
        address(node, "lo", "192.0.2.51/32");
        Shell.words("ip -n " + node + " route add 172.16.0.6 dev wg1");
        address(backend, "wi1", "172.16.0.6/20");
        return new PublishedState.Backend(backend, "wi1", List.of(Cidr.parseAddress("172.16.0.6")), List.of(Cidr.parseAddress("172.16.0.1")));
    }

    private static String ask(String namespace, String from, String to, String question) {
        return Shell.in(namespace, "python3", "-c", CLIENT, from, to, question);
    }

    @Test
    void shouldAnswerByUdpFromTheAddressThatWasAskedWhateverRouteThereIs() {
        BackendReplies.reconcile(replies());

        assertEquals("192.0.2.50", ask(node, "192.0.2.50", "172.16.0.5", "who"), "a client outside");
        assertEquals("172.16.0.9", ask(node, "172.16.0.9", "172.16.0.5", "who"), "a node");
        assertEquals("172.18.0.1", ask(outside, "172.18.0.1", "172.18.0.2", "who"), "one of the namespace's own subnet");
        assertEquals("198.51.100.9", ask(outside, "198.51.100.9", "172.18.0.2", "who"), "one who asks by the other way in");
        assertEquals("192.0.2.50", Shell.in(node, "python3", "-c", TCP_CLIENT, "192.0.2.50", "172.16.0.5"));
    }

    @Test
    void shouldLeaveAloneWhatTheSameServerAsksOthers() throws IOException {
        BackendReplies.reconcile(replies());
        assertEquals("192.0.2.50", ask(node, "192.0.2.50", "172.16.0.5", "who"));
        Process listener = Shell.startIn(outside, "python3", "-c", LISTENER, "198.51.100.9", "7000");
        assertEquals("ready", listener.inputReader().readLine());

        Shell.run(Shell.inside(node, "python3", "-c", CLIENT.replace("range(60)", "range(1)"), "192.0.2.50", "172.16.0.5", "tell 198.51.100.9 7000"));

        assertEquals("172.18.0.2 5353", listener.inputReader().readLine());
    }

    @Test
    void shouldAnswerByEachEndpointOfANamespaceAndByThoseThatStay() {
        String before = rules();
        PublishedState.Backend further = furtherReplies();
        BackendReplies.reconcile(replies());
        BackendReplies.reconcile(further);

        assertEquals("192.0.2.50", ask(node, "192.0.2.50", "172.16.0.5", "who"));
        assertEquals("192.0.2.51", ask(node, "192.0.2.51", "172.16.0.6", "who"));
        assertEquals("192.0.2.50", Shell.in(node, "python3", "-c", TCP_CLIENT, "192.0.2.50", "172.16.0.5"));
        assertEquals("192.0.2.51", Shell.in(node, "python3", "-c", TCP_CLIENT, "192.0.2.51", "172.16.0.6"));
        BackendReplies.remove(replies());
        assertEquals("192.0.2.51", ask(node, "192.0.2.51", "172.16.0.6", "who"));
        assertEquals("192.0.2.51", Shell.in(node, "python3", "-c", TCP_CLIENT, "192.0.2.51", "172.16.0.6"));
        BackendReplies.remove(further);
        assertEquals(before, rules());
    }

    @Test
    void shouldTakeItsRulesAway() {
        String before = rules();
        BackendReplies.reconcile(replies());
        BackendReplies.reconcile(replies());
        assertTrue(rules().contains("type route hook output"), rules());
        assertFalse(rules().equals(before));

        BackendReplies.remove(replies());

        assertEquals(before, rules());
    }

    private String rules() {
        return Shell.in(backend, "nft", "list", "ruleset") + Shell.in(backend, "ip", "rule");
    }
}
