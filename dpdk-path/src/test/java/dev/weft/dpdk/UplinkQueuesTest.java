package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cipher;
import dev.weft.api.PipelineSpec;
import dev.weft.api.WeftException;
import dev.weft.api.counter.CounterSnapshot;
import dev.weft.api.counter.DropReason;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.SaLimit;
import dev.weft.testing.PairKeys;
import dev.weft.testing.ReachabilityContract;
import dev.weft.testing.Shell;
import dev.weft.testing.TwoHosts;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An uplink with two queues, and flows of a kernel's VXLAN device that come by both. */
@Tag("privileged")
class UplinkQueuesTest {

    private static final int VNI = 77;
    private static final int FLOWS = 32;
    private static final int ROUNDS = 200;
    private static final int TRAIN = 4;
    private static final long PACKETS = (long) FLOWS * ROUNDS * TRAIN;
    /**
     * Sends trains on many flows at once, and waits until the datagrams of all of them are back, each flow's in the order in which they were sent.
     * Arguments: address, port, flows, rounds, datagrams of a train.
     */
    private static final String CLIENT = """
            import socket, sys
            at = (sys.argv[1], int(sys.argv[2]))
            flows, rounds, train = map(int, sys.argv[3:])
            sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(flows)]
            for s in sockets:
                s.connect(at)
                s.settimeout(60)
            for n in range(rounds * train):
                for s in sockets: s.send(b'%d' % n)
                if n % train == train - 1:
                    for s in sockets:
                        for expected in range(n - train + 1, n + 1):
                            found = s.recv(100)
                            if found != b'%d' % expected: sys.exit('%s in place of %d' % (found, expected))
            print('all in order')
            """;

    private TwoHosts hosts;

    @BeforeEach
    void makeHosts() {
        hosts = new TwoHosts(false, 2);
    }

    @AfterEach
    void removeHosts() {
        hosts.close();
    }

    private DataPath open(int host, String uplink, int workers, int queues) {
        return new DpdkDataPathProvider().open(new DataPathConfig("queues" + host, InetAddress.ofLiteral(hosts.vtep(host)), 4789,
                Optional.of(uplink), Optional.of(hosts.host(host)), new PipelineSpec(workers, false, queues)));
    }

    private void carryInOrder(String from, TwoHosts.Member to, DataPath path) throws IOException {
        Shell.in(from, "ping", "-q", "-c", "1", "-w", "60", to.ipv4());
        Process echo = Shell.startIn(to.container(), "python3", "-c", ReachabilityContract.UDP_SERVER, "7007");
        try {
            assertEquals("ready", new BufferedReader(new InputStreamReader(echo.getInputStream(), StandardCharsets.UTF_8)).readLine());
            assertEquals("all in order", Shell.in(from, "python3", "-c", CLIENT, to.ipv4(), "7007", "" + FLOWS, "" + ROUNDS, "" + TRAIN).strip(),
                    () -> "" + path.counters());
        } finally {
            echo.destroy();
        }
    }

    /** What came by each queue. */
    private static long[] received(DataPath path) {
        CounterSnapshot counters = path.counters();
        return new long[] {counters.value("uplink", "rx-packets:queue0"), counters.value("uplink", "rx-packets:queue1")};
    }

    private void carryInOrderByBothQueues(String uplink, int workers) throws IOException {
        TwoHosts.Member a = hosts.member("a", VNI, 1, 10);
        hosts.handMade().member(VNI, 11);
        try (DataPath path = open(1, uplink, workers, 2)) {
            assertTrue(path.properties().containsAll(List.of("queues=2", "rss=kernel")), () -> "" + path.properties());
            assertEquals(Map.of(), path.apply(hosts.state(1)));
            carryInOrder(hosts.host(2), a, path);
            long[] received = received(path);
            // Of 32 flows each queue has one at least, and so all of that one's packets.
            assertTrue(received[0] >= ROUNDS * TRAIN && received[1] >= ROUNDS * TRAIN, () -> Arrays.toString(received));
            assertTrue(received[0] + received[1] >= PACKETS, () -> Arrays.toString(received));
        }
    }

    @Test
    void shouldKeepFlowsInOrderOverBothQueuesOfAfPacket() throws IOException {
        carryInOrderByBothQueues("af_packet:up0", 0);
    }

    @Test
    void shouldKeepFlowsInOrderOverBothQueuesOfAfXdp() throws IOException {
        carryInOrderByBothQueues("af_xdp:up0", 0);
    }

    @Test
    void shouldKeepFlowsInOrderBehindWorkers() throws IOException {
        carryInOrderByBothQueues("af_xdp:up0", 2);
    }

    /** An SA has one SPI: its numbers come in order to the replay window. */
    @Test
    void shouldReceiveWhatOneSaSealsByOneQueue() throws IOException {
        PairKeys keys = new PairKeys(Cipher.AES_128_GCM, false, SaLimit.DEFAULT, 0, 4106);
        hosts.encrypt(VNI, Cipher.AES_128_GCM, keys);
        TwoHosts.Member a = hosts.member("a", VNI, 1, 10);
        TwoHosts.Member b = hosts.member("b", VNI, 2, 11);
        keys.offer();
        keys.switchOver();
        try (DataPath near = open(1, "af_packet:up0", 2, 2); DataPath far = open(2, "af_packet:up0", 0, 1)) {
            assertEquals(Map.of(), near.apply(hosts.state(1)));
            assertEquals(Map.of(), far.apply(hosts.state(2)));
            carryInOrder(b.container(), a, near);
            long[] received = received(near);
            Arrays.sort(received);
            assertTrue(received[1] >= PACKETS && received[0] < PACKETS / 100, () -> "but for ARP and the like: " + Arrays.toString(received));
            assertEquals(0, near.counters().dropped(DropReason.REPLAYED) + near.counters().dropped(DropReason.ICV_MISMATCH));
        }
    }

    @Test
    void shouldGiveBothQueuesBackAndOpenAgain() {
        for (int i = 0; i < 3; i++) {
            try (DataPath _ = open(1, "af_xdp:up0", 0, 2)) {
                assertTrue(Shell.words("ip -n " + hosts.host(1) + " link show dev up0").contains("prog/xdp"));
            }
            assertFalse(Shell.words("ip -n " + hosts.host(1) + " link show dev up0").contains("prog/xdp"));
        }
    }

    @Test
    void shouldRefuseOtherQueuesThanThereAre() {
        for (int asked : new int[] {1, 3}) {
            WeftException refused = assertThrows(WeftException.DataPathUnavailable.class, () -> open(1, "af_xdp:up0", 0, asked));
            assertTrue(refused.getMessage().contains("receives with 2 queues") && refused.getMessage().contains("which are " + asked)
                    && refused.getMessage().contains("--queues 2"), refused.getMessage());
        }
        WeftException refused = assertThrows(WeftException.DataPathUnavailable.class, () -> open(1, "net_af_packet_few,iface=up0,qpairs=2", 0, 3));
        assertTrue(refused.getMessage().contains("3 queues are asked for, and net_af_packet_few has 2"), refused.getMessage());
        try (DataPath path = open(1, "net_af_packet_few,iface=up0,qpairs=2", 0, 2)) {
            assertTrue(path.properties().containsAll(List.of("queues=2", "rss=none")), () -> "" + path.properties());
        }
    }
}
