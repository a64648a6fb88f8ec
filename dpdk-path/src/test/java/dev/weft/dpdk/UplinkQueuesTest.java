package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.PipelineSpec;
import dev.weft.api.WeftException;
import dev.weft.api.counter.CounterSnapshot;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathConfig;
import dev.weft.testing.Shell;
import dev.weft.testing.TwoHosts;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
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
    private static final String ECHO = """
            import socket, sys
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.bind(('0.0.0.0', int(sys.argv[1])))
            print('ready', flush=True)
            while True:
                data, peer = s.recvfrom(100)
                s.sendto(data, peer)
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

    private DataPath open(String uplink, int workers, int queues) {
        return new DpdkDataPathProvider().open(new DataPathConfig("queues", InetAddress.ofLiteral(hosts.vtep(1)), 4789, Optional.of(uplink),
                Optional.of(hosts.host(1)), new PipelineSpec(workers, false, queues)));
    }

    private void carryInOrderByBothQueues(String uplink, int workers) throws IOException {
        TwoHosts.Member a = hosts.member("a", VNI, 1, 10);
        hosts.handMade(VNI, 11);
        try (DataPath path = open(uplink, workers, 2)) {
            assertTrue(path.properties().contains("queues=2"), () -> "" + path.properties());
            assertEquals(Map.of(), path.apply(hosts.state(1)));
            Shell.in(hosts.host(2), "ping", "-q", "-c", "1", "-w", "60", a.ipv4());
            Process echo = Shell.startIn(a.container(), "python3", "-c", ECHO, "7007");
            try {
                assertEquals("ready", new BufferedReader(new InputStreamReader(echo.getInputStream(), StandardCharsets.UTF_8)).readLine());
                assertEquals("all in order", Shell.in(hosts.host(2), "python3", "-c", CLIENT, a.ipv4(), "7007", "" + FLOWS, "" + ROUNDS,
                        "" + TRAIN).strip(), () -> "" + path.counters());
            } finally {
                echo.destroy();
            }
            CounterSnapshot counters = path.counters();
            long first = counters.value("uplink", "rx-packets:queue0");
            long second = counters.value("uplink", "rx-packets:queue1");
            // Of each train both queues have a flow, or there would be none that came by one alone.
            assertTrue(first >= ROUNDS * TRAIN && second >= ROUNDS * TRAIN, first + " and " + second);
            assertTrue(first + second >= (long) FLOWS * ROUNDS * TRAIN, first + " and " + second);
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

    @Test
    void shouldGiveBothQueuesBackAndOpenAgain() {
        for (int i = 0; i < 3; i++) {
            try (DataPath _ = open("af_xdp:up0", 0, 2)) {
                assertTrue(Shell.words("ip -n " + hosts.host(1) + " link show dev up0").contains("prog/xdp"));
            }
            assertFalse(Shell.words("ip -n " + hosts.host(1) + " link show dev up0").contains("prog/xdp"));
        }
    }

    @Test
    void shouldRefuseOtherQueuesThanThereAre() {
        for (int asked : new int[] {1, 3}) {
            WeftException refused = assertThrows(WeftException.DataPathUnavailable.class, () -> open("af_xdp:up0", 0, asked));
            assertTrue(refused.getMessage().contains("receives with 2 queues") && refused.getMessage().contains("which are " + asked)
                    && refused.getMessage().contains("--queues 2"), refused.getMessage());
        }
        WeftException refused = assertThrows(WeftException.DataPathUnavailable.class, () -> open("net_af_packet_few,iface=up0,qpairs=2", 0, 3));
        assertTrue(refused.getMessage().contains("3 queues are asked for, and net_af_packet_few has 2"), refused.getMessage());
    }
}
