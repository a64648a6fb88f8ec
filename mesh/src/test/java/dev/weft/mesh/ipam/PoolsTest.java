package dev.weft.mesh.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cidr;
import dev.weft.api.MacAddress;
import dev.weft.api.NetworkSpec;
import dev.weft.api.SubnetPoolSpec;
import dev.weft.api.SubnetSpec;
import dev.weft.api.WeftException;
import dev.weft.mesh.model.SubnetRecord;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PoolsTest {

    private static InetAddress ip(String text) {
        return Cidr.parseAddress(text);
    }

    private static Set<InetAddress> ips(String... texts) {
        return Stream.of(texts).map(Cidr::parseAddress).collect(Collectors.toSet());
    }

    private static List<String> all(SubnetRecord subnet) {
        Set<InetAddress> taken = new HashSet<>();
        List<String> order = new ArrayList<>();
        List<InetAddress> next = new AddressPool(subnet).lowestFree(taken, 1);
        while (!next.isEmpty()) {
            taken.add(next.getFirst());
            order.add(next.getFirst().getHostAddress());
            next = new AddressPool(subnet).lowestFree(taken, 1);
        }
        return order;
    }

    @Test
    void shouldGiveEveryHostAddressOnceAndNeverTheReservedOnes() {
        assertEquals(List.of("10.0.1.2", "10.0.1.3", "10.0.1.4", "10.0.1.5", "10.0.1.6"), all(SubnetPool.complete(SubnetSpec.of("10.0.1.0/29"))));
        assertEquals(List.of("10.0.1.2"), all(SubnetPool.complete(SubnetSpec.of("10.0.1.0/30"))));
        assertEquals(List.of("fd00:0:0:0:0:0:0:2", "fd00:0:0:0:0:0:0:3"), all(SubnetPool.complete(SubnetSpec.of("fd00::/126"))));
    }

    @Test
    void shouldDrawFromTheRangeOnly() {
        SubnetRecord subnet = new SubnetRecord(Cidr.parse("10.0.1.0/24"), ip("10.0.1.254"), Cidr.parse("10.0.1.252/30"));
        assertEquals(List.of("10.0.1.252", "10.0.1.253"), all(subnet));
    }

    @Test
    void shouldEndAtTheHighestAddressOfTheFamily() {
        assertEquals(List.of("255.255.255.254"), all(SubnetPool.complete(SubnetSpec.of("255.255.255.252/30"))));
    }

    @Test
    void shouldCarryOverBytes() {
        SubnetRecord subnet = SubnetPool.complete(SubnetSpec.of("10.0.0.0/16"));
        Set<InetAddress> taken = IntStream.range(0, 256).mapToObj(i -> ip("10.0.0." + i)).collect(Collectors.toSet());
        assertEquals(List.of(ip("10.0.1.0"), ip("10.0.1.1")), new AddressPool(subnet).lowestFree(taken, 2));
    }

    @Test
    void shouldSayWhatAnAddressIsReservedFor() {
        AddressPool pool = new AddressPool(SubnetPool.complete(SubnetSpec.of("10.0.1.0/24")));
        assertEquals(Optional.of("the gateway"), pool.reservedAs(ip("10.0.1.1")));
        assertEquals(Optional.of("the network itself"), pool.reservedAs(ip("10.0.1.0")));
        assertEquals(Optional.of("the broadcast address"), pool.reservedAs(ip("10.0.1.255")));
        assertEquals(Optional.empty(), pool.reservedAs(ip("10.0.1.2")));
        AddressPool ipv6 = new AddressPool(SubnetPool.complete(SubnetSpec.of("fd00::/120")));
        assertEquals(Optional.of("the subnet-router anycast address"), ipv6.reservedAs(ip("fd00::")));
        assertEquals(Optional.empty(), ipv6.reservedAs(ip("fd00::ff")));
    }

    @Test
    void shouldTakeTheFirstSubnetThatOverlapsNothingAndHoldsNoNode() {
        assertEquals(Optional.of(Cidr.parse("10.0.0.0/24")), SubnetPool.firstFree(SubnetPoolSpec.DEFAULT, List.of(), List.of()));
        assertEquals(Optional.of(Cidr.parse("10.0.6.0/24")), SubnetPool.firstFree(SubnetPoolSpec.DEFAULT,
                List.of(Cidr.parse("10.0.0.0/22"), Cidr.parse("10.0.5.128/25"), Cidr.parse("fd00::/64")), ips("10.0.4.7", "192.0.2.1")));
        assertEquals(Optional.empty(), SubnetPool.firstFree(SubnetPoolSpec.DEFAULT, List.of(Cidr.parse("10.0.0.0/8")), List.of()));
    }

    @Test
    void shouldTakeSubnetsFromThePoolThatTheClusterHas() {
        SubnetPoolSpec pool = new SubnetPoolSpec(Cidr.parse("172.16.0.0/30"), 30);
        assertEquals(Optional.of(Cidr.parse("172.16.0.0/30")), SubnetPool.firstFree(pool, List.of(), List.of()));
        assertEquals(Optional.empty(), SubnetPool.firstFree(pool, List.of(), ips("172.16.0.1")));
        SubnetPoolSpec ipv6 = new SubnetPoolSpec(Cidr.parse("fd00::/40"), 64);
        assertEquals(Optional.of(Cidr.parse("fd00:0:0:1::/64")), SubnetPool.firstFree(ipv6, List.of(Cidr.parse("fd00::/64")), List.of()));
        assertThrows(WeftException.InvalidSpec.class, () -> new SubnetPoolSpec(Cidr.parse("10.0.0.0/8"), 7));
        assertThrows(WeftException.InvalidSpec.class, () -> new SubnetPoolSpec(Cidr.parse("10.0.0.0/8"), 31));
        assertThrows(WeftException.InvalidSpec.class, () -> new SubnetPoolSpec(Cidr.parse("127.0.0.0/8"), 24));
    }

    @Test
    void shouldFindAnAddressByItsIndex() {
        SubnetRecord subnet = new SubnetRecord(Cidr.parse("10.0.0.0/8"), ip("10.0.0.1"), Cidr.parse("10.0.254.0/23"));
        assertEquals(512, new AddressPool(subnet).size());
        assertEquals(ip("10.0.254.0"), new AddressPool(subnet).at(0));
        assertEquals(ip("10.0.255.1"), new AddressPool(subnet).at(257));
        AddressPool ipv6 = new AddressPool(SubnetPool.complete(SubnetSpec.of("fd00:0:0:1::/64")));
        assertEquals(1L << 48, ipv6.size());
        assertEquals(ip("fd00:0:0:1::1:0"), ipv6.at(0x10000));
        assertEquals(ip("255.255.255.255"), new AddressPool(SubnetPool.complete(SubnetSpec.of("255.255.255.252/30"))).at(3));
    }

    @Test
    void shouldNeverGiveReservedAddresses() {
        SubnetRecord subnet = new SubnetRecord(Cidr.parse("10.0.1.0/29"), ip("10.0.1.1"), Cidr.parse("10.0.1.0/29"),
                List.of(ip("10.0.1.2"), ip("10.0.1.5")), false);
        assertEquals(List.of("10.0.1.3", "10.0.1.4", "10.0.1.6"), all(subnet));
        assertEquals(Optional.of("reserved"), new AddressPool(subnet).reservedAs(ip("10.0.1.5")));
    }

    @Test
    void shouldTakeVnisInTurnAndGoRound() {
        assertEquals(OptionalInt.of(4096), VniPool.firstFree(VniPool.FIRST, Set.of(1, 4097)));
        assertEquals(OptionalInt.of(4098), VniPool.firstFree(VniPool.FIRST, Set.of(4096, 4097)));
        assertEquals(OptionalInt.of(4096), VniPool.firstFree(NetworkSpec.MAX_VNI, Set.of(NetworkSpec.MAX_VNI)));
        assertEquals(4096, VniPool.after(NetworkSpec.MAX_VNI));
    }

    @Test
    void shouldDrawLocallyAdministeredUnicastMacsThatAreNoGateways() {
        Random random = new Random(1);
        Set<MacAddress> drawn = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            MacAddress mac = MacPool.draw(random);
            assertTrue(mac.toString().startsWith("02:"), mac.toString());
            assertFalse(mac.toString().startsWith("02:57:45:"), mac.toString());
            drawn.add(mac);
        }
        assertTrue(drawn.size() > 9_990, "draws differ");
        assertTrue(MacPool.isGateway(MacAddress.parse("02:57:45:00:10:00")));
    }

    @Test
    void shouldGiveAnAddressTheSameMacEachTime() {
        assertEquals(MacAddress.parse("02:42:0a:4d:00:04"), MacPool.of(List.of(ip("fd77::4"), ip("10.77.0.4"))));
        // CRC-32 (IEEE 802.3) of the 16 bytes, as zlib computes it
        assertEquals(MacAddress.parse("02:46:fc:5a:46:4e"), MacPool.of(List.of(ip("fd77::4"))));
    }
}
