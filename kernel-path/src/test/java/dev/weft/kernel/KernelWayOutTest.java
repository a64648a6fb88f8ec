package dev.weft.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.MacAddress;
import dev.weft.api.PipelineSpec;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.ServiceState;
import dev.weft.api.path.SubnetState;
import dev.weft.testing.Shell;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What a network with an endpoint that routes says to those outside.
 *
 * <pre>
 *   client 192.0.2.50 --- 192.0.2.1 host, wg0 10.77.0.9 --- bridge, VIP 10.77.0.99 without a backend --- 10.77.0.10 box
 * </pre>
 */
@Tag("privileged")
class KernelWayOutTest {

    private static final int VNI = 310;
    private static final String NETWORK = "weft-dddddddd-" + VNI;

    /** Arguments: address, STREAM or DGRAM. */
    private static final String ASKING = """
            import socket, sys
            s = socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET, getattr(socket, 'SOCK_' + sys.argv[2])); s.settimeout(20)
            s.connect((sys.argv[1], 80)); s.send(b'who'); s.recv(9)
            """;

    private final String id = "wo" + ProcessHandle.current().pid();
    private final String host = id + "-h";
    private final String client = id + "-c";
    private final String box = id + "-b";
    private KernelDataPath path;
    private long epoch;

    @BeforeEach
    void makeHosts() {
        for (String namespace : List.of(host, client, box)) {
            Shell.words("ip netns add " + namespace);
        }
        Shell.words("ip -n " + host + " link add up0 type veth peer name up0 netns " + client);
        plug(host, 1);
        plug(client, 50);
        Shell.in(host, "sysctl", "-q", "-w", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1");
        Shell.words("ip -n " + client + " route add default via 192.0.2.1");
        Shell.words("ip -n " + client + " route add default via 2001:db8::1");
        path = KernelDataPath.open(new DataPathConfig("dddddddd", Cidr.parseAddress("192.0.2.1"), 4789, Optional.empty(), Optional.of(host),
                PipelineSpec.DEFAULT));
    }

    private static void plug(String namespace, int number) {
        Shell.words("ip -n " + namespace + " addr add 192.0.2." + number + "/24 dev up0");
        Shell.words("ip -n " + namespace + " addr add 2001:db8::" + number + "/64 dev up0 nodad");
        Shell.words("ip -n " + namespace + " link set up0 up");
    }

    @AfterEach
    void removeHosts() {
        try {
            path.close();
        } finally {
            for (String namespace : List.of(host, client, box)) {
                Shell.words("ip netns del " + namespace);
            }
        }
    }

    private static LocalEndpoint endpoint(int number, Attachment attachment, boolean routes) {
        return new LocalEndpoint(new EndpointId(VNI, "e" + number), new MacAddress(0x0200_0000_0000L + number), addresses(number), attachment,
                routes);
    }

    private static List<InetAddress> addresses(int number) {
        return List.of(Cidr.parseAddress("10.77.0." + number), Cidr.parseAddress("fd77::" + number));
    }

    private LocalEndpoint router(int number) {
        return endpoint(number, new Attachment.HostInterface("wg0"), true);
    }

    private LocalEndpoint member() {
        return endpoint(10, new Attachment.NetworkNamespace(box, "eth7"), false);
    }

    private void apply(LocalEndpoint... locals) {
        List<ServiceState> services = addresses(99).stream().map(vip -> new ServiceState("web", vip, List.of())).toList();
        assertEquals(Map.of(), path.apply(new DataPathState(++epoch, List.of(new NetworkState("way-in", VNI, 1450, NetworkState.gatewayMacOf(VNI),
                List.of(new SubnetState(Cidr.parse("10.77.0.0/24"), Cidr.parseAddress("10.77.0.1")),
                        new SubnetState(Cidr.parse("fd77::/64"), Cidr.parseAddress("fd77::1"))), List.of(locals), List.of(), services)))));
    }

    private void assertRefused(String vip) {
        for (String protocol : List.of("STREAM", "DGRAM")) { // by a RST, and by an ICMP error
            String said = Shell.tryRun(Shell.inside(client, "python3", "-c", ASKING, vip, protocol));
            assertTrue(said.contains("ConnectionRefusedError"), protocol + " to " + vip + ": " + said);
        }
    }

    private static String wayOut() {
        return Shell.words("ip -n " + NETWORK + " rule") + Shell.words("ip -n " + NETWORK + " -6 rule");
    }

    @Test
    void shouldRefuseThoseOutsideAndLetNoMemberOut() {
        apply(member());
        String before = wayOut();
        apply(member(), router(9));
        assertRefused("10.77.0.99");
        assertRefused("fd77::99");
        apply(member(), router(8));
        assertRefused("10.77.0.99");
        assertRefused("fd77::99");

        Shell.words("ip -n " + box + " route add default via 10.77.0.1");
        Shell.words("ip -n " + box + " route add default via fd77::1");
        for (String outside : List.of("192.0.2.50", "2001:db8::50")) {
            String said = Shell.tryRun(Shell.inside(box, "ping", "-c", "1", "-w", "20", outside));
            assertTrue(said.toLowerCase().contains("unreachable"), said);
        }
        apply(member());
        assertEquals(before, wayOut());
    }

    @Test
    void shouldPutRightWhatSomebodyElseRemoved() {
        apply(member(), router(9));
        for (String gone : List.of("rule del iif lo", "-6 rule del iif lo", "route flush table 22341", "-6 route flush table 22341")) {
            Shell.words("ip -n " + NETWORK + " " + gone);
            path.audit();
            assertRefused("10.77.0.99");
            assertRefused("fd77::99");
        }
        long changes = path.changes();
        path.audit();
        assertEquals(changes, path.changes(), "what is there is not made again");
    }
}
