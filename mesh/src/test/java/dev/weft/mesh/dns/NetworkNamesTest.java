package dev.weft.mesh.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Attachment;
import dev.weft.api.Balancing;
import dev.weft.api.Cidr;
import dev.weft.api.EndpointMode;
import dev.weft.api.MacAddress;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.ServiceRecord;
import dev.weft.mesh.model.SubnetRecord;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NetworkNamesTest {

    static final NetworkRecord BLUE = new NetworkRecord("Blue", 77, 1450, List.of(
            new SubnetRecord(Cidr.parse("10.0.1.0/24"), ip("10.0.1.1"), Cidr.parse("10.0.1.0/24")),
            new SubnetRecord(Cidr.parse("fd00::/64"), ip("fd00::1"), Cidr.parse("fd00::/64"))), true);

    static InetAddress ip(String text) {
        return Cidr.parseAddress(text);
    }

    static List<InetAddress> ips(String... texts) {
        return Stream.of(texts).map(Cidr::parseAddress).toList();
    }

    static EndpointRecord endpoint(String name, int number, String... aliases) {
        return new EndpointRecord("Blue", name, "self", new MacAddress(0x0200_0000_0000L | number),
                List.of(ip("10.0.1." + number), ip("fd00::" + number)), List.of(aliases), new Attachment.InProcess());
    }

    static ServiceRecord service(String name, EndpointMode mode, List<InetAddress> vips, String... backends) {
        return new ServiceRecord("Blue", name, mode, Balancing.EVEN, vips, List.of(backends));
    }

    private static NetworkNames names(List<ServiceRecord> services, EndpointRecord... present) {
        return NetworkNames.of(BLUE, List.of(present), endpoint -> !endpoint.node().equals("drained"), services);
    }

    @Test
    void shouldKnowEndpointsWithoutRegardToCaseAndWithTheNetworksName() {
        NetworkNames names = names(List.of(), endpoint("Web1", 2), endpoint("db.main", 3));
        for (String name : List.of("Web1", "web1", "WEB1", "web1.blue", "Web1.BLUE")) {
            assertEquals(Optional.of(ips("10.0.1.2", "fd00::2")), names.addresses(name), name);
        }
        assertEquals(Optional.of(ips("10.0.1.3", "fd00::3")), names.addresses("db.main"));
        assertEquals(Optional.of(ips("10.0.1.3", "fd00::3")), names.addresses("db.main.blue"));
        for (String name : List.of("web", "web11", "web1.green", "web1.blue.blue", "main", "")) {
            assertEquals(Optional.empty(), names.addresses(name), name);
        }
    }

    @Test
    void shouldGiveAllAddressesOfASharedAlias() {
        NetworkNames names = names(List.of(), endpoint("a", 2, "cache", "one"), endpoint("b", 3, "Cache"));
        assertEquals(Optional.of(ips("10.0.1.2", "fd00::2", "10.0.1.3", "fd00::3")), names.addresses("cache"));
        assertEquals(Optional.of(ips("10.0.1.2", "fd00::2")), names.addresses("one.blue"));
    }

    @Test
    void shouldNeverLetAnAliasCoverAnEndpointOrAService() {
        NetworkNames names = names(List.of(service("web", EndpointMode.VIP, ips("10.0.1.80"), "a")),
                endpoint("a", 2), endpoint("b", 3, "a", "web", "tasks.web"));
        assertEquals(Optional.of(ips("10.0.1.2", "fd00::2")), names.addresses("a"));
        assertEquals(Optional.of(ips("10.0.1.80")), names.addresses("web"));
        assertEquals(Optional.of(ips("10.0.1.2", "fd00::2")), names.addresses("tasks.web"));
    }

    @Test
    void shouldGiveTheVipOfAServiceAndItsLiveBackendsAsTasks() {
        NetworkNames names = names(List.of(service("web", EndpointMode.VIP, ips("10.0.1.80", "fd00::80"), "a", "gone", "b")),
                endpoint("b", 3), endpoint("a", 2));
        assertEquals(Optional.of(ips("10.0.1.80", "fd00::80")), names.addresses("web"));
        assertEquals(Optional.of(ips("10.0.1.2", "fd00::2", "10.0.1.3", "fd00::3")), names.addresses("Tasks.web.blue"));
    }

    @Test
    void shouldGiveTheLiveBackendsOfADnsRoundRobinService() {
        NetworkNames names = names(List.of(service("web", EndpointMode.DNSRR, List.of(), "a", "gone"),
                service("idle", EndpointMode.DNSRR, List.of(), "gone")), endpoint("a", 2));
        assertEquals(Optional.of(ips("10.0.1.2", "fd00::2")), names.addresses("web"));
        assertEquals(Optional.of(ips("10.0.1.2", "fd00::2")), names.addresses("tasks.web"));
        assertEquals(Optional.of(List.of()), names.addresses("idle"));
        assertEquals(Optional.of(List.of()), names.addresses("tasks.idle"));
    }

    @Test
    void shouldSendNobodyToADrainedNodeByAServiceAndKeepTheNamesOfItsEndpoints() {
        EndpointRecord a = endpoint("a", 2);
        EndpointRecord drained = new EndpointRecord("Blue", "b", "drained", a.mac(), ips("10.0.1.3"), List.of(), a.attachment());
        NetworkNames names = names(List.of(service("web", EndpointMode.DNSRR, List.of(), "a", "b")), a, drained);
        assertEquals(Optional.of(ips("10.0.1.2", "fd00::2")), names.addresses("web"));
        assertEquals(names.addresses("web"), names.addresses("tasks.web"));
        assertEquals(Optional.of(ips("10.0.1.3")), names.addresses("b"));
    }

    @Test
    void shouldNameAddressesByEndpointOrServiceFirstThenByAlias() {
        NetworkNames names = names(List.of(service("web", EndpointMode.VIP, ips("10.0.1.80"), "a")), endpoint("a", 2, "x"), endpoint("B", 3, "x"));
        assertEquals(List.of("a.Blue", "x.Blue"), names.names(ip("10.0.1.2")));
        assertEquals(List.of("B.Blue", "x.Blue"), names.names(ip("fd00::3")));
        assertEquals(List.of("web.Blue"), names.names(ip("10.0.1.80")));
        assertEquals(List.of(), names.names(ip("10.0.1.9")));
    }

    @Test
    void shouldTellItsOwnNamesFromThoseOfOthers() {
        NetworkNames names = names(List.of(), endpoint("db.main", 3));
        for (String name : List.of("web", "localhost", "db.main", "x.blue", "x.y.BLUE", "tasks.web", "Blue")) {
            assertTrue(names.isOwn(name), name);
        }
        for (String name : List.of("example.org", "db.main2", "x.blue.org", "tasks.web.org", "xblue.org")) {
            assertFalse(names.isOwn(name), name);
        }
        assertTrue(names.isOwn(ip("10.0.1.200")));
        assertTrue(names.isOwn(ip("fd00::99")));
        assertFalse(names.isOwn(ip("10.0.2.1")));
        assertEquals(Optional.of(List.of()), names.addresses("blue"));
    }
}
