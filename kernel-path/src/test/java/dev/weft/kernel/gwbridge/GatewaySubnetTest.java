package dev.weft.kernel.gwbridge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.api.Cidr;
import dev.weft.api.MacAddress;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GatewaySubnetTest {

    @Test
    void shouldTakeTheFirstSubnetThatOverlapsNothing() {
        assertEquals(Optional.of(Cidr.parse("172.18.0.0/16")), GatewaySubnet.firstFree(List.of(Cidr.parse("10.0.0.0/8"))));
        assertEquals(Optional.of(Cidr.parse("172.20.0.0/16")),
                GatewaySubnet.firstFree(List.of(Cidr.parse("172.18.255.0/24"), Cidr.parse("172.19.0.0/16"))));
        assertEquals(Optional.of(Cidr.parse("192.168.16.0/20")),
                GatewaySubnet.firstFree(List.of(Cidr.parse("172.16.0.0/12"), Cidr.parse("192.168.1.0/24"))));
        assertEquals(Optional.empty(), GatewaySubnet.firstFree(List.of(Cidr.parse("172.16.0.0/12"), Cidr.parse("192.168.0.0/16"))));
    }

    @Test
    void shouldGiveEachHostAddressButTheGatewaysFromEitherEnd() {
        GatewaySubnet subnet = new GatewaySubnet(Cidr.parse("192.168.9.0/29"), Cidr.parseAddress("192.168.9.3"));
        assertEquals(List.of("192.168.9.1", "192.168.9.2", "192.168.9.4", "192.168.9.5", "192.168.9.6"), all(subnet, false));
        assertEquals(List.of("192.168.9.6", "192.168.9.5", "192.168.9.4", "192.168.9.2", "192.168.9.1"), all(subnet, true));
    }

    private static List<String> all(GatewaySubnet subnet, boolean fromTop) {
        List<String> given = new ArrayList<>();
        Set<InetAddress> taken = new HashSet<>();
        for (Optional<InetAddress> next = subnet.freeAddress(taken, fromTop); next.isPresent(); next = subnet.freeAddress(taken, fromTop)) {
            taken.add(next.get());
            given.add(next.get().getHostAddress());
        }
        return given;
    }

    @Test
    void shouldFindAPortsNamespaceAndAddressAgain() {
        LegNames names = new LegNames("aaaaaaaa");
        String port = names.port(0xf000_0123L);
        assertEquals(15, port.length(), port);
        assertEquals(OptionalLong.of(0xf000_0123L), names.namespace(port));
        assertEquals(OptionalLong.empty(), new LegNames("bbbbbbbb").namespace(port), "another node's");
        assertEquals(OptionalLong.empty(), names.namespace("weft_gwbridge"));
        InetAddress address = Cidr.parseAddress("192.168.255.254");
        assertEquals(MacAddress.parse("fe:57:c0:a8:ff:fe"), LegNames.outer(address));
        assertEquals(MacAddress.parse("02:57:c0:a8:ff:fe"), LegNames.inner(address));
        assertEquals(Optional.of(address), LegNames.address(LegNames.outer(address)));
        assertEquals(Optional.empty(), LegNames.address(LegNames.inner(address)));
        assertEquals(Optional.empty(), LegNames.address(LegNames.BRIDGE_MAC));
    }
}
