package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.MacAddress;
import dev.weft.api.WeftException;
import dev.weft.api.counter.DropReason;
import dev.weft.api.path.DataPath;
import dev.weft.dpdk.underlay.OverlayProgram;
import dev.weft.dpdk.underlay.Underlay;
import dev.weft.dpdk.underlay.VtepOwner;
import dev.weft.ffm.bpf.BpfObjectFile;
import dev.weft.ffm.bpf.BpfProgram;
import dev.weft.testing.Pings;
import dev.weft.testing.Shell;
import dev.weft.testing.TwoHosts;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What AF_XDP leaves to the kernel, and what it leaves behind: nothing. The oracle is iproute2. */
@Tag("privileged")
class AfXdpUplinkTest {

    private static final String UPLINK = "af_xdp:up0";
    private static final long PATIENCE_NANOS = 60_000_000_000L;
    /**
     * Sends VXLAN of an unknown network until the other end refuses it or has had so many, and says which. A refusal, ICMP's "port
     * unreachable", is there when the next datagram is sent, or before the time is over. Arguments: target, how many.
     */
    private static final String SEND_VXLAN = """
            import socket, sys
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.connect((sys.argv[1], 4789))
            s.settimeout(0.2)
            try:
                for n in range(int(sys.argv[2])):
                    s.send(bytes.fromhex('0800000000999900' + '020000004d0a' + '020000004d0b' + '0800'))
                    try: s.recv(1)
                    except socket.timeout: pass
                print('silence')
            except ConnectionRefusedError: print('refused')
            """;

    @TempDir
    private Path directory;
    private TwoHosts hosts;

    @BeforeEach
    void makeHosts() {
        hosts = new TwoHosts(false);
    }

    @AfterEach
    void removeHosts() {
        hosts.close();
    }

    private DataPath open() {
        return new DpdkDataPathProvider().open(AfXdpNode.config(hosts.vtep(1), UPLINK, hosts.host(1)));
    }

    /** What iproute2 shows of the uplink when it has a program. */
    private boolean hasProgram() {
        return Shell.words("ip -n " + hosts.host(1) + " link show dev up0").contains("prog/xdp");
    }

    private void awaitNoProgram() {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (hasProgram()) {
            assertTrue(System.nanoTime() < deadline, "there is still a program");
        }
    }

    @Test
    void shouldTakeTheOverlaysPacketsAndLeaveTheHostItsOwn() throws IOException {
        try (DataPath path = open()) {
            assertTrue(path.properties().contains("driver=net_af_xdp"), () -> "" + path.properties());
            assertTrue(hasProgram());
            Pings.assertNoneLost(hosts.host(2), hosts.vtep(1), 100, 0.005);
            assertCarriesTcp();
            assertEquals("silence", Shell.in(hosts.host(2), "python3", "-c", SEND_VXLAN, hosts.vtep(1), "3").strip());
            long deadline = System.nanoTime() + PATIENCE_NANOS;
            while (path.counters().dropped(DropReason.UNKNOWN_VNI) < 3) {
                assertTrue(System.nanoTime() < deadline, () -> "" + path.counters());
            }
        }
        assertEquals("refused", Shell.in(hosts.host(2), "python3", "-c", SEND_VXLAN, hosts.vtep(1), "300").strip());
    }

    private void assertCarriesTcp() throws IOException {
        Path data = directory.resolve("data");
        Shell.run("sh", "-c", "head -c 20000000 /dev/urandom > " + data);
        Process receiver = Shell.startIn(hosts.host(1), "sh", "-c", "timeout 300 socat -u TCP-LISTEN:5001,reuseaddr STDOUT | sha256sum");
        Shell.in(hosts.host(2), "timeout", "300", "socat", "-u", "FILE:" + data, "TCP:" + hosts.vtep(1) + ":5001,retry=600,interval=0.1");
        assertEquals(Shell.words("sha256sum " + data).split(" ")[0], Shell.output(receiver).split(" ")[0]);
    }

    /** ARP and ICMP come by the way beside AF_XDP, the answers go by AF_XDP. */
    @Test
    void shouldAnswerForAnAddressThatNoKernelHas() {
        Shell.words("ip -n " + hosts.host(1) + " addr del " + hosts.vtep(1) + "/24 dev up0");
        try (DataPath path = open()) {
            assertTrue(path.properties().contains("vtep=owned"), () -> "" + path.properties());
            Shell.in(hosts.host(2), "ping", "-q", "-c", "1", "-w", "60", hosts.vtep(1));
            Pings.assertNoneLost(hosts.host(2), hosts.vtep(1), 20, 0.01);
        }
    }

    @Test
    void shouldLeaveNoProgramBehindAndOpenAgain() {
        for (int i = 0; i < 3; i++) {
            try (DataPath _ = open()) {
                assertTrue(hasProgram());
            }
            assertFalse(hasProgram());
        }
    }

    @Test
    void shouldLeaveNoProgramBehindWhenItIsKilled() throws Exception {
        String classPath = Stream.of("jdk.module.path", "java.class.path").map(key -> System.getProperty(key, ""))
                .filter(path -> !path.isEmpty()).collect(Collectors.joining(File.pathSeparator));
        Path classes = Path.of(AfXdpNode.class.getProtectionDomain().getCodeSource().getLocation().getPath());
        Process node = Shell.start(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED",
                "-cp", classes.resolveSibling("test-classes") + File.pathSeparator + classPath, AfXdpNode.class.getName(), hosts.vtep(1), UPLINK,
                hosts.host(1));
        try {
            BufferedReader said = new BufferedReader(new InputStreamReader(node.getInputStream(), StandardCharsets.UTF_8));
            assertTrue(said.lines().anyMatch(AfXdpNode.OPEN::equals), "the node opens");
            assertTrue(hasProgram());
        } finally {
            node.destroyForcibly().waitFor();
        }
        awaitNoProgram();
        try (DataPath _ = open()) {
            assertTrue(hasProgram());
        }
    }

    @Test
    void shouldReplaceAProgramOfItsOwnAndNoOther() throws IOException {
        BpfProgram ours = OverlayProgram.of(new Underlay(InetAddress.ofLiteral(hosts.vtep(1)), 4789, new MacAddress(2), VtepOwner.KERNEL_BESIDE),
                true);
        attach(ours);
        try (DataPath _ = open()) {
            assertTrue(hasProgram());
        }
        assertFalse(hasProgram());

        attach(new BpfProgram("somebodys", ours.instructions(), ours.mapReferences()));
        WeftException refused = assertThrows(WeftException.DataPathUnavailable.class, this::open);
        assertTrue(refused.getMessage().contains("somebody else's") && refused.getMessage().contains("af_packet:up0"), refused.getMessage());
        assertTrue(hasProgram());
    }

    private void attach(BpfProgram program) throws IOException {
        Path file = Files.write(directory.resolve("program.o"), BpfObjectFile.of(program, OverlayProgram.sockets(), "GPL"));
        Shell.words("ip -n " + hosts.host(1) + " link set dev up0 xdp obj " + file + " sec xdp");
    }

    @Test
    void shouldRefuseWhatAfXdpCannotDo() {
        Shell.words("ip -n " + hosts.host(1) + " link set dev up0 mtu 3600");
        assertRefused("has 3600");
        try (DataPath path = new DpdkDataPathProvider().open(AfXdpNode.config(hosts.vtep(1), "af_packet:up0", hosts.host(1)))) {
            assertTrue(path.properties().contains("driver=net_af_packet"), () -> "what was advised: " + path.properties());
        }
        Shell.words("ip -n " + hosts.host(1) + " link set dev up0 mtu 1500");
        Shell.words("ip -n " + hosts.host(1) + " link add wide0 numrxqueues 2 numtxqueues 2 type veth peer name wide1 numrxqueues 2 numtxqueues 2");
        WeftException refused = assertThrows(WeftException.DataPathUnavailable.class,
                () -> new DpdkDataPathProvider().open(AfXdpNode.config("192.0.2.9", "af_xdp:wide0", hosts.host(1))));
        assertTrue(refused.getMessage().contains("receives with 2 queues"), refused.getMessage());
    }

    private void assertRefused(String why) {
        WeftException refused = assertThrows(WeftException.DataPathUnavailable.class, this::open);
        assertTrue(refused.getMessage().contains(why) && refused.getMessage().contains("af_packet:up0"), refused.getMessage());
        assertFalse(hasProgram());
    }
}
