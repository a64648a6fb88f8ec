package dev.weft.dpdk.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.MacAddress;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.path.ServiceState;
import dev.weft.api.path.Spread;
import dev.weft.api.path.SubnetState;
import dev.weft.api.wire.AddressBits;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two networks that have the same addresses; the second has IPv6 only as a subnet, and its service has a backend that is not there. */
class OverlayAddressesTest {

    private static final int FIRST = 0;
    private static final int SECOND = 1;
    private static final MacAddress MAC_A = MacAddress.parse("02:00:00:00:00:0a");
    private static final MacAddress MAC_B = MacAddress.parse("02:00:00:00:00:0b");

    private final OverlayAddresses addresses = Tables.of(new DataPathState(1, List.of(
            network(7, List.of(subnet("10.0.0.0/24", "10.0.0.1"), subnet("fd00::/64", "fd00::1")), service("10.0.0.200", "10.0.0.11")),
            network(8, List.of(subnet("fd00::/64", "fd00::1")), service("fd00::c8", "fd00::b", "fd00::dead", "fd00::a")))),
            id -> id.isGateway() ? id.vni() : id.vni() * 10).addresses();

    @Test
    void shouldFindAnAddressInItsNetworkOnly() {
        assertEquals(Tables.NONE, find(FIRST, "10.0.0.12"));
        assertEquals(Tables.NONE, find(SECOND, "10.0.0.200"));
        assertEquals(Tables.NONE, find(SECOND, "10.0.0.1"));
        assertTrue(find(FIRST, "fd00::a") != find(SECOND, "fd00::a"), "the same address, another one in each network");
    }

    @Test
    void shouldSayWhoHasAnAddress() {
        int local = find(SECOND, "fd00::a");
        assertEquals(AddressBits.high(InetAddress.ofLiteral("fd00::a")), addresses.high(local));
        assertEquals(AddressBits.low(InetAddress.ofLiteral("fd00::a")), addresses.low(local));
        assertEquals(MAC_A.value(), addresses.mac(local));
        assertEquals(80, addresses.port(local));
        int remote = find(FIRST, "10.0.0.11");
        assertEquals(MAC_B.value(), addresses.mac(remote));
        assertEquals(Tables.NONE, addresses.port(remote));
        for (int address : new int[] {local, remote}) {
            assertFalse(addresses.isAnycast(address));
            assertEquals(Tables.NONE, addresses.service(address));
        }
    }

    @Test
    void shouldGiveGatewaysAndVipsTheMacOfTheirNetwork() {
        for (int address : new int[] {find(SECOND, "fd00::1"), find(SECOND, "fd00::c8")}) {
            assertTrue(addresses.isAnycast(address));
            assertEquals(NetworkState.gatewayMacOf(8).value(), addresses.mac(address));
        }
        assertEquals(8, addresses.port(find(SECOND, "fd00::1")), "where the node serves as the gateway");
        assertEquals(Tables.NONE, addresses.port(find(SECOND, "fd00::c8")));
        assertEquals(Tables.NONE, addresses.service(find(SECOND, "fd00::1")));
    }

    @Test
    void shouldKnowTheGatewayOfEachFamilyThatTheNetworkHas() {
        assertEquals(find(FIRST, "10.0.0.1"), addresses.gateway(FIRST, true));
        assertEquals(find(FIRST, "fd00::1"), addresses.gateway(FIRST, false));
        assertEquals(Tables.NONE, addresses.gateway(SECOND, true));
        assertEquals(find(SECOND, "fd00::1"), addresses.gateway(SECOND, false));
    }

    @Test
    void shouldNameTheBackendsThatTheNetworkHas() {
        int first = addresses.service(find(FIRST, "10.0.0.200"));
        assertEquals(1, addresses.backendCount(first));
        assertEquals(find(FIRST, "10.0.0.11"), addresses.backend(first, 0));
        int second = addresses.service(find(SECOND, "fd00::c8"));
        assertEquals(2, addresses.backendCount(second));
        assertEquals(find(SECOND, "fd00::b"), addresses.backend(second, 0));
        assertEquals(find(SECOND, "fd00::a"), addresses.backend(second, 1));
        assertEquals(1, addresses.position(second, find(SECOND, "fd00::a")));
        assertEquals(Tables.NONE, addresses.position(second, find(SECOND, "fd00::c8")));
    }

    @Test
    void shouldTellWhichAddressesKeepTheirFlows() {
        ServiceState drains = new ServiceState("web", InetAddress.ofLiteral("10.0.0.200"), literals("10.0.0.11"), literals("10.0.0.10"), Spread.EVEN);
        OverlayAddresses now = Tables.of(new DataPathState(1, List.of(network(7, List.of(subnet("10.0.0.0/24", "10.0.0.1")), drains))),
                _ -> Tables.NONE).addresses();
        int service = now.service(find(now, FIRST, "10.0.0.200"));
        assertEquals(1, now.backendCount(service));
        assertTrue(now.keepsFlows(service, find(now, FIRST, "10.0.0.11")));
        assertTrue(now.keepsFlows(service, find(now, FIRST, "10.0.0.10")), "it drains");
        assertEquals(Tables.NONE, now.position(service, find(now, FIRST, "10.0.0.10")), "and gets no new ones");
        assertFalse(now.keepsFlows(service, find(now, FIRST, "10.0.0.1")));
    }

    private int find(int network, String literal) {
        return find(addresses, network, literal);
    }

    private static int find(OverlayAddresses in, int network, String literal) {
        InetAddress address = InetAddress.ofLiteral(literal);
        return in.find(network, AddressBits.high(address), AddressBits.low(address));
    }

    private static NetworkState network(int vni, List<SubnetState> subnets, ServiceState service) {
        return new NetworkState("n" + vni, vni, 1450, NetworkState.gatewayMacOf(vni), subnets,
                List.of(new LocalEndpoint(new EndpointId(vni, "a"), MAC_A, literals("10.0.0.10", "fd00::a"), new Attachment.InProcess())),
                List.of(new RemoteEndpoint(new EndpointId(vni, "b"), MAC_B, literals("10.0.0.11", "fd00::b"),
                        InetAddress.ofLiteral("192.0.2.2"))), List.of(service));
    }

    private static SubnetState subnet(String cidr, String gateway) {
        return new SubnetState(Cidr.parse(cidr), InetAddress.ofLiteral(gateway));
    }

    private static ServiceState service(String vip, String... backends) {
        return new ServiceState("web", InetAddress.ofLiteral(vip), literals(backends));
    }

    private static List<InetAddress> literals(String... literals) {
        return List.of(literals).stream().map(InetAddress::ofLiteral).toList();
    }
}
