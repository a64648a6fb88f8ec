package dev.weft.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.DataPathKind;
import dev.weft.api.path.DataPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That packets cross between a data path and whatever is on the other host. */
public abstract class ReachabilityContract {

    protected static final int VNI = 77;
    /** What tshark shows of packets that are wrong. */
    protected static final String BAD = "_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0"
            + " || icmpv6.checksum.status == 0 || icmp.checksum.status == 0";
    private static final String MEGABYTES_200 = "200000000";

    /** Sends a datagram of each size and waits for the same back. Arguments: address, port, least, most. */
    protected static final String UDP_CLIENT = """
            import socket, sys
            a, p, least, most = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
            s = socket.socket(socket.AF_INET6 if ':' in a else socket.AF_INET, socket.SOCK_DGRAM)
            s.settimeout(60)
            for n in range(least, most + 1):
                data = bytes((n + i) % 251 for i in range(n))
                s.sendto(data, (a, p))
                if s.recv(65536) != data: sys.exit('size %d came back changed' % n)
            print('all', most - least + 1)
            """;
    /** Sends back what it gets, by IPv4 and IPv6. Argument: its port. */
    public static final String UDP_SERVER = """
            import socket, sys
            s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            s.bind(('::', int(sys.argv[1])))
            print('ready', flush=True)
            while True:
                data, peer = s.recvfrom(65536)
                s.sendto(data, peer)
            """;

    @TempDir
    protected Path directory;

    protected TwoHosts hosts;
    protected DataPath near;
    protected TwoHosts.Member a;
    protected TwoHosts.Member b;

    protected abstract DataPathKind near();

    protected boolean ipv6Underlay() {
        return false;
    }

    /** Puts member b at host 2 and makes the other side so. */
    protected abstract void openFar();

    @BeforeEach
    void open() {
        hosts = new TwoHosts(ipv6Underlay());
        a = hosts.member("a", VNI, 1, 10);
        openFar();
        near = hosts.open(1, near());
        assertEquals(Map.of(), near.apply(hosts.state(1)));
        warmUp();
    }

    /** Next hops and neighbours are found with the first packets; what comes after them may lose none. */
    private void warmUp() {
        Shell.in(a.container(), "ping", "-q", "-c", "1", "-w", "60", b.ipv4());
        Shell.in(a.container(), "ping", "-q", "-c", "1", "-w", "60", b.ipv6());
    }

    @AfterEach
    void close() {
        hosts.close();
    }

    @Test
    void shouldLoseNoneOf1000PingsInEachFamily() {
        for (String address : new String[] {b.ipv4(), b.ipv6()}) {
            try {
                Pings.assertNoneLost(a.container(), address, 1000, 0.002);
            } catch (AssertionError lost) {
                throw new AssertionError(near.counters().counters().stream().filter(counter -> counter.value() > 0).toList().toString(), lost);
            }
        }
    }

    @Test
    void shouldCarry200MegabytesOfTcpEachWayAtOnce() throws IOException {
        Path data = directory.resolve("data");
        Shell.run("sh", "-c", "head -c " + MEGABYTES_200 + " /dev/urandom > " + data);
        String expected = Shell.words("sha256sum " + data).split(" ")[0];
        Process atB = receiver(b, 5001);
        Process atA = receiver(a, 5002);
        Process fromA = sender(a, data, b.ipv4(), 5001);
        Process fromB = sender(b, data, "[" + a.ipv6() + "]", 5002);
        assertEquals("", Shell.output(fromA));
        assertEquals("", Shell.output(fromB));
        assertEquals(expected, Shell.output(atB).split(" ")[0]);
        assertEquals(expected, Shell.output(atA).split(" ")[0]);
        Files.delete(data);
    }

    private static Process receiver(TwoHosts.Member at, int port) {
        return Shell.startIn(at.container(), "sh", "-c", "timeout 300 socat -u TCP6-LISTEN:" + port + ",reuseaddr,ipv6only=0 STDOUT | sha256sum");
    }

    private static Process sender(TwoHosts.Member at, Path data, String to, int port) {
        return Shell.startIn(at.container(), "timeout", "300", "socat", "-u", "FILE:" + data, "TCP:" + to + ":" + port + ",retry=600,interval=0.1");
    }

    @Test
    void shouldCarryDatagramsOfEverySizeUpToTheMtu() throws IOException {
        Process server = Shell.startIn(b.container(), "python3", "-c", UDP_SERVER, "7007");
        try {
            assertEquals("ready", new java.io.BufferedReader(new java.io.InputStreamReader(server.getInputStream())).readLine());
            int most4 = hosts.mtu(VNI) - 28;
            int most6 = hosts.mtu(VNI) - 48;
            assertEquals("all " + most4, Shell.in(a.container(), "python3", "-c", UDP_CLIENT, b.ipv4(), "7007", "1", "" + most4));
            assertEquals("all " + most6, Shell.in(a.container(), "python3", "-c", UDP_CLIENT, b.ipv6(), "7007", "1", "" + most6));
        } finally {
            server.destroy();
        }
    }

    @Test
    protected void shouldPutNothingOnTheWireThatTsharkDislikes() throws IOException, InterruptedException {
        Path capture = captureOfTraffic("udp port 4789");
        assertEquals(Set.of("" + VNI), tshark(capture, "-T", "fields", "-e", "vxlan.vni").lines().collect(Collectors.toSet()));
        assertEquals("", tshark(capture, "-Y", BAD));
        Set<String> ports = tshark(capture, "-Y", outgoing(), "-T", "fields", "-e", "udp.srcport").lines().collect(Collectors.toSet());
        assertTrue(ports.size() > 2, "source ports tell inner flows apart, found " + ports);
    }

    /** What is seen at the other host: what DPDK sends past the kernel's queues, no socket at its own host sees. */
    protected final Path captureOfTraffic(String filter) throws IOException, InterruptedException {
        Path capture = directory.resolve("wire.pcap");
        Process tcpdump = Shell.startIn(hosts.host(2), "tcpdump", "-Z", "root", "--immediate-mode", "-U", "-i", "up0", "-w",
                capture.toString(), filter);
        var messages = new java.io.BufferedReader(new java.io.InputStreamReader(tcpdump.getInputStream()));
        for (String line = messages.readLine(); line != null && !line.contains("listening on"); line = messages.readLine()) {
            continue; // until it captures
        }
        for (int i = 0; i < 8; i++) {
            Process listener = Shell.startIn(b.container(), "timeout", "120", "socat", "-u", "TCP-LISTEN:" + (6000 + i) + ",reuseaddr", "STDOUT");
            Shell.in(a.container(), "sh", "-c", "echo hello | socat -u STDIN TCP:" + b.ipv4() + ":" + (6000 + i) + ",retry=600,interval=0.1");
            assertEquals("hello", Shell.output(listener));
        }
        Shell.in(a.container(), "ping", "-q", "-c", "5", "-i", "0.01", b.ipv6());
        tcpdump.destroy();
        tcpdump.waitFor();
        return capture;
    }

    protected final String outgoing() {
        return (ipv6Underlay() ? "ipv6.src == " : "ip.src == ") + hosts.vtep(1);
    }

    protected static String tshark(Path capture, String... arguments) {
        String[] all = new String[arguments.length + 9];
        System.arraycopy(new String[] {"tshark", "-r", capture.toString(), "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE",
            "-o", "udp.check_checksum:TRUE"}, 0, all, 0, 9);
        System.arraycopy(arguments, 0, all, 9, arguments.length);
        return Shell.tryRun(all).lines().filter(line -> !line.startsWith("Running as user") && !line.contains("[UAT WARNING]"))
                .collect(Collectors.joining("\n"));
    }
}
