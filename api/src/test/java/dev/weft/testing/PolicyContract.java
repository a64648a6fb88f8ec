package dev.weft.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.PolicyRule;
import dev.weft.api.counter.DropReason;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.PolicyState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which flows between endpoints a pair of data paths lets through. */
public abstract class PolicyContract extends VipErrorContract {

    private static final int PORT = 80;
    /** Says by which of two ports a datagram comes first. Arguments: ports. */
    private static final String FIRST_OF_TWO = """
            import select, socket, sys
            ports = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
            for s, port in zip(ports, sys.argv[1:]): s.bind(('', int(port)))
            print('ready', flush=True)
            s = select.select(ports, [], [])[0][0]; s.recv(100); print(s.getsockname()[1], flush=True)
            """;
    /** Sends raw frames to the first port, with tags of VLAN 0, then others to the second. Arguments: interface, MACs, addresses, ports. */
    private static final String TAGGED = """
            import socket, struct, sys
            dev, mac_a, mac_b, ip_a, ip_b, denied, allowed = sys.argv[1:]
            mac = lambda text: bytes.fromhex(text.replace(':', ''))
            def ip(port):
                h = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 29, 1, 0, 64, 17, 0, socket.inet_aton(ip_a), socket.inet_aton(ip_b))
                t = sum(struct.unpack('>10H', h)); t = (t & 0xffff) + (t >> 16); t = (t & 0xffff) + (t >> 16)
                return h[:10] + struct.pack('>H', t ^ 0xffff) + h[12:] + struct.pack('>HHHH', 4000, int(port), 9, 0) + b'x'
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); s.bind((dev, 0))
            for tags in ('', '81000000', '88a80000', '8100000081000000', '88a8000081000000'):
                s.send(mac(mac_b) + mac(mac_a) + mac(tags) + b'\\x08\\x00' + ip(denied))
            for _ in range(3): s.send(mac(mac_b) + mac(mac_a) + b'\\x08\\x00' + ip(allowed))
            """;

    @Test
    void shouldLetThroughWhatTheRulesAllowWithItsAnswersAndCountTheRest() throws IOException, InterruptedException {
        TwoHosts.Member c = hosts.member("c", VNI, 1, 21);
        hosts.service("web", 200, List.of(b));
        hosts.policies(PolicyRule.allow("web").from("a").to("b").protocol(PolicyRule.Protocol.TCP).ports(PORT, PORT).order(10).build(),
                PolicyRule.deny("rest").to("b").order(20).build(),
                PolicyRule.deny("back").from("b").to("a").protocol(PolicyRule.Protocol.TCP).order(30).build());
        applyBoth();
        List<Process> running = new ArrayList<>();
        try {
            serve(List.of(a, b, c), running);
            for (String allowed : List.of(b.ipv4(), "10.77.0.200")) {
                Process client = Shell.startIn(a.container(), "python3", "-c", VipScripts.TCP_HOLD, allowed, "" + PORT);
                running.add(client);
                assertEquals("b", line(client).split(" ")[0]);
                assertEquals("and on", say(client, "and on"));
            }
            Shell.in(b.container(), "ping", "-q", "-c", "2", "-i", "0.05", "-w", "30", a.ipv4());
            Shell.in(b.container(), "ping", "-q", "-c", "2", "-i", "0.05", "-w", "30", a.ipv6());
            Shell.in(a.container(), "ping", "-q", "-c", "2", "-i", "0.05", "-w", "30", c.ipv4());
            List<Process> denied = List.of(attempt(c, b.ipv4()), attempt(c, b.ipv6()), attempt(c, "10.77.0.200"), attempt(b, a.ipv4()),
                    Shell.startIn(a.container(), "ping", "-q", "-c", "3", "-i", "0.1", "-W", "1", b.ipv4()));
            for (Process each : denied) {
                String said = new String(each.getInputStream().readAllBytes());
                assertTrue(each.waitFor() != 0 && !said.contains(" 1 received"), said);
            }
            awaitCount(near, DropReason.POLICY, 4);
            awaitCount(far, DropReason.POLICY, 1);
            assertTrue(near.counters().value(PolicyState.scope("net" + VNI, "rest"), "hits") >= 4);
            assertTrue(near.counters().value(PolicyState.scope("net" + VNI, "web"), "hits") >= 1);
        } finally {
            running.forEach(Process::destroy);
        }
    }

    @Test
    void shouldHoldFramesWithVlanTagsToTheRules() throws IOException {
        hosts.policies(PolicyRule.deny("tagged").from("a").to("b").protocol(PolicyRule.Protocol.UDP).ports(PORT, PORT).build());
        applyBoth();
        Process receiver = Shell.startIn(b.container(), "python3", "-c", FIRST_OF_TWO, "" + PORT, "" + (PORT + 1));
        try {
            assertEquals("ready", receiver.inputReader().readLine());
            Shell.in(a.container(), "ping", "-q", "-c", "1", "-w", "30", b.ipv4());
            Shell.in(a.container(), "python3", "-c", TAGGED, a.interfaceName(), a.mac().toString(), b.mac().toString(), a.ipv4(), b.ipv4(),
                    "" + PORT, "" + (PORT + 1));
            assertEquals("" + (PORT + 1), receiver.inputReader().readLine());
        } finally {
            receiver.destroy();
        }
    }

    private static Process attempt(TwoHosts.Member from, String to) throws IOException {
        return Shell.startIn(from.container(), "python3", "-c", "import socket, sys; socket.create_connection((sys.argv[1], 80), 1.5)", to);
    }

    /** At the receiver alone: whatever a foreign sender lets through. */
    @Test
    void shouldApplyAChangeOfTheRulesToOpenFlows() throws IOException {
        List<Process> running = new ArrayList<>();
        try {
            hosts.policies(PolicyRule.deny("other").from("b").to("a").protocol(PolicyRule.Protocol.UDP).build());
            applyBoth();
            serve(List.of(b), running);
            Process client = Shell.startIn(a.container(), "python3", "-c", VipScripts.TCP_HOLD, b.ipv4(), "" + PORT);
            running.add(client);
            assertEquals("b", line(client).split(" ")[0]);
            assertEquals("open", say(client, "open"));
            hosts.policies(PolicyRule.deny("all").from("a").to("b").build());
            far.apply(hosts.state(2));
            client.getOutputStream().write("held back\n".getBytes());
            client.getOutputStream().flush();
            awaitCount(far, DropReason.POLICY, 2);
            assertEquals(0, client.getInputStream().available());
            hosts.policies();
            applyBoth();
            assertEquals("held back", line(client), "the connection goes on where it was");
        } finally {
            running.forEach(Process::destroy);
        }
    }

    private static String line(Process process) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = process.getInputStream().read(); c >= 0 && c != '\n'; c = process.getInputStream().read()) {
            line.append((char) c);
        }
        return line.toString();
    }

    private static void awaitCount(DataPath path, DropReason reason, long least) {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (path.counters().dropped(reason) < least) {
            assertTrue(System.nanoTime() < deadline, () -> reason + " is " + path.counters().dropped(reason) + ", awaited " + least);
            Thread.onSpinWait();
        }
    }
}
