package dev.weft.mesh.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.EndpointSpec;
import dev.weft.api.MacAddress;
import dev.weft.api.NetworkSpec;
import dev.weft.api.ServiceSpec;
import dev.weft.api.SubnetSpec;
import dev.weft.api.WeftException;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.InMemoryClusterStore;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EndpointRegistryTest extends RegistryTest {

    @Test
    void shouldGiveOneAddressASubnetAndTheOneThatIsWanted() {
        NetworkRecord blue = network("blue", "10.0.1.0/24", "fd00:1::/64");

        assertEquals(List.of(ip("10.0.1.2"), ip("fd00:1::2")), attach(blue, "web1").addresses());
        assertEquals(List.of(ip("10.0.1.3"), ip("fd00:1::77")), attach(blue, "web2", "fd00:1::77").addresses());
        assertEquals(List.of("web1", "web2"), endpoints.of(blue).stream().map(EndpointRecord::name).toList());
        assertEquals(List.of("web1", "web2"), endpoints.at(ONE.id()).stream().map(EndpointRecord::name).toList());
        assertEquals(List.of(), endpoints.at(TWO.id()));
    }

    @Test
    void shouldRefuseWhatCannotBeAndLeaveNothingBehind() {
        NetworkRecord blue = network("blue", "10.0.1.0/29");
        EndpointRecord web1 = attach(blue, "web1", "10.0.1.2");
        String before = cluster.toString();

        assertThrows(WeftException.NameTaken.class, () -> attach(blue, "web1"));
        for (String address : List.of("10.0.1.2", "10.0.1.1", "10.0.1.0", "10.0.1.7", "10.0.2.2", "fd00::2")) {
            String message = assertThrows(WeftException.AddressUnavailable.class, () -> attach(blue, "web2", address), address).getMessage();
            assertTrue(message.contains(ip(address).getHostAddress()) && message.contains("web2"), message);
        }
        assertThrows(WeftException.InvalidSpec.class, () -> attach(blue, "web2", "10.0.1.3", "10.0.1.4"));
        assertThrows(WeftException.AddressUnavailable.class,
                () -> endpoints.create(blue, EndpointSpec.inProcess("web2").mac(web1.mac()).build(), ONE));
        assertThrows(WeftException.AddressUnavailable.class,
                () -> endpoints.create(blue, EndpointSpec.inProcess("web2").mac(MacAddress.parse("02:57:45:00:00:01")).build(), ONE));

        assertEquals(before, cluster.toString());
    }

    @Test
    void shouldSayWhenNoAddressIsLeft() {
        NetworkRecord blue = network("blue", "10.0.1.0/30");
        attach(blue, "web1");
        String before = cluster.toString();
        assertThrows(WeftException.PoolExhausted.class, () -> attach(blue, "web2"));
        assertEquals(before, cluster.toString());
    }

    @Test
    void shouldSayWhatIsFullAndWhatToDo() {
        NetworkRecord blue = network("blue", "10.0.1.0/30");
        attach(blue, "web1");
        WeftException full = assertThrows(WeftException.PoolExhausted.class, () -> attach(blue, "web2"));
        assertEquals("pool-exhausted", full.code());
        for (String part : List.of("'web2'", "'blue'", "10.0.1.0/30", "network grow blue")) {
            assertTrue(full.getMessage().contains(part), full.getMessage());
        }
        assertThrows(WeftException.PoolExhausted.class, () -> services.create(blue, ServiceSpec.vip("web")));
    }

    @Test
    void shouldNeverGiveAReservedAddress() {
        NetworkRecord blue = networks.create(NetworkSpec.named("blue").subnet("10.0.1.0/29").reserve("10.0.1.2").reserve("10.0.1.4").build(), MTU,
                List.of());
        String message = assertThrows(WeftException.AddressUnavailable.class, () -> attach(blue, "web1", "10.0.1.4")).getMessage();
        assertTrue(message.contains("reserved"), message);
        assertEquals(List.of(ip("10.0.1.3")), attach(blue, "web1").addresses());
        assertEquals(List.of(ip("10.0.1.5")), attach(blue, "web2").addresses());
        assertEquals(List.of(ip("10.0.1.2"), ip("10.0.1.4")), blue.info().subnets().getFirst().reserved());
    }

    @Test
    void shouldTakeAddressesFromWhereTheNetworkHasGrown() {
        NetworkRecord blue = network("blue", "10.0.1.0/30", "fd00:1::/64");
        attach(blue, "web1");

        networks.grow(blue, SubnetSpec.of("10.0.9.0/30"));

        assertEquals(List.of(ip("10.0.9.2"), ip("fd00:1::3")), attach(blue, "web2").addresses(), "by an old handle too");
        assertThrows(WeftException.PoolExhausted.class, () -> attach(blue, "web3"));
        assertThrows(WeftException.InvalidSpec.class, () -> attach(blue, "web3", "10.0.1.2", "10.0.9.2"));
    }

    @Test
    void shouldNotReadAThousandClaimsForOneMore() {
        NetworkRecord blue = network("blue", "10.0.0.0/16");
        List<Change> many = IntStream.range(0, 1_000).<Change>mapToObj(i -> new Change.Create(
                Layout.address("blue", ip("10.0." + i / 250 + "." + (2 + i % 250))), new byte[0])).toList();
        store.commit(many);
        ClusterStore counting = new ReadsOneByOne(store);
        EndpointRegistry registry = new EndpointRegistry(counting, new Random(1));

        Set<InetAddress> given = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            given.addAll(registry.create(blue, EndpointSpec.inProcess("e" + i).build(), ONE).addresses());
        }

        assertEquals(100, given.size());
        assertEquals(1_100, store.count(Layout.addresses("blue")));
    }

    @Test
    void shouldFindTheLastFreeAddressOfALargeNetwork() {
        NetworkRecord blue = network("blue", "10.0.0.0/22");
        List<Change> many = IntStream.range(2, 1_023).filter(i -> i != 777).<Change>mapToObj(i -> new Change.Create(
                Layout.address("blue", ip("10.0." + i / 256 + "." + i % 256)), new byte[0])).toList();
        store.commit(many);
        assertEquals(List.of(ip("10.0.3.9")), attach(blue, "last").addresses());
        assertThrows(WeftException.PoolExhausted.class, () -> attach(blue, "late"));
    }

    @Test
    void shouldGiveEverythingFreeWhenRemoved() {
        NetworkRecord blue = network("blue", "10.0.1.0/30");
        String before = cluster.toString();
        EndpointRecord web1 = attach(blue, "web1");

        endpoints.remove(web1);
        endpoints.remove(web1);

        assertEquals(before, cluster.toString());
        assertEquals(List.of(ip("10.0.1.2")), attach(blue, "web1").addresses());
    }

    @Test
    void shouldTellExternalMembersNothing() {
        NetworkRecord blue = network("blue", "10.0.1.0/24", "fd00:1::/64");
        EndpointRecord foreign = endpoints.create(blue, EndpointSpec.external("box", ip("198.51.100.1"), MacAddress.parse("06:00:00:00:00:01"))
                .address("10.0.1.9").build(), ONE);
        assertEquals(List.of(ip("10.0.1.9")), foreign.addresses(), "no IPv6 address was told, so it has none");
        assertEquals(ip("198.51.100.1"), foreign.info(ONE).vtep());
    }

    @Test
    void shouldAttachToANetworkForServicesOnlyWhenOneNamesTheEndpoint() {
        NetworkRecord blue = networks.create(NetworkSpec.named("blue").attachable(false).build(), MTU, List.of());
        assertThrows(WeftException.NotAttachable.class, () -> attach(blue, "web1"));
        services.create(blue, ServiceSpec.vip("web", "web1"));
        assertEquals("web1", attach(blue, "web1").name());
        assertThrows(WeftException.NotAttachable.class, () -> attach(blue, "web2"));
    }

    @Test
    void shouldNotAttachToANetworkThatIsGone() {
        NetworkRecord blue = network("blue");
        networks.remove(blue);
        assertThrows(WeftException.NotFound.class, () -> attach(blue, "web1"));
    }

    @Test
    void shouldNotTakeAnotherNetworkOfThatNameForTheOneThatIsGone() {
        NetworkRecord old = network("blue", "10.0.1.0/24");
        networks.remove(old);
        network("blue", "10.0.2.0/24");
        String before = cluster.toString();
        assertThrows(WeftException.NotFound.class, () -> attach(old, "web1"));
        assertThrows(WeftException.NotFound.class, () -> services.create(old, ServiceSpec.vip("web")));
        assertEquals(before, cluster.toString());
    }

    @Test
    void shouldDrawAnotherMacWhenSomebodyHasIt() {
        NetworkRecord blue = network("blue", "10.0.1.0/24");
        long[] draws = {7, 8};
        RandomGenerator random = new RandomGenerator() {
            private int next;

            @Override
            public long nextLong() {
                return nextLong(Long.MAX_VALUE);
            }

            @Override
            public long nextLong(long bound) {
                return draws[next++];
            }

            @Override
            public int nextInt(int bound) {
                return 0;
            }
        };
        EndpointRegistry registry = new EndpointRegistry(store, random);
        for (String mac : List.of("02:42:0a:00:01:04", "02:00:00:00:00:07")) {
            registry.create(blue, EndpointSpec.inProcess("w" + mac.substring(15)).mac(MacAddress.parse(mac)).build(), ONE);
        }
        assertEquals(MacAddress.parse("02:00:00:00:00:08"), registry.create(blue, EndpointSpec.inProcess("web").build(), ONE).mac());
        assertEquals(MacAddress.parse("02:42:0a:00:01:05"), registry.create(blue, EndpointSpec.inProcess("db").build(), ONE).mac());
    }

    @Test
    void shouldChangeNothingWhenTheStoreIsAway() {
        NetworkRecord blue = network("blue");
        String before = cluster.toString();
        InMemoryClusterStore away = cluster.connect();
        away.suspend();
        EndpointRegistry registry = new EndpointRegistry(away, RandomGenerator.getDefault());
        assertThrows(WeftException.ManagerUnreachable.class, () -> registry.create(blue, EndpointSpec.inProcess("web1").build(), ONE));
        assertEquals(before, cluster.toString());
    }
}
