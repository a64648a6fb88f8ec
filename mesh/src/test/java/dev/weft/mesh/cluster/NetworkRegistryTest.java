package dev.weft.mesh.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cidr;
import dev.weft.api.NetworkInfo;
import dev.weft.api.NetworkSpec;
import dev.weft.api.ServiceSpec;
import dev.weft.api.SubnetPoolSpec;
import dev.weft.api.SubnetSpec;
import dev.weft.api.WeftException;
import dev.weft.mesh.model.ClusterRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.model.SubnetRecord;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.InMemoryClusterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class NetworkRegistryTest extends RegistryTest {

    @Test
    void shouldFillInVniSubnetGatewayAndMtu() {
        NetworkRecord blue = networks.create(NetworkSpec.named("blue").build(), MTU, List.of(ip("10.0.0.9")));

        assertEquals(new NetworkRecord("blue", 4096, 1450,
                List.of(new SubnetRecord(Cidr.parse("10.0.1.0/24"), ip("10.0.1.1"), Cidr.parse("10.0.1.0/24"))), true), blue);
        assertEquals(Optional.of(blue), networks.find("blue"));
        NetworkRecord red = networks.create(NetworkSpec.named("red").build(), MTU, List.of());
        assertEquals(4097, red.vni());
        assertEquals(Cidr.parse("10.0.0.0/24"), red.subnets().getFirst().cidr());
    }

    @Test
    void shouldKeepWhatWasAskedFor() {
        NetworkRecord blue = networks.create(NetworkSpec.named("blue").subnet(Cidr.parse("10.9.0.0/16"), ip("10.9.255.254"),
                Cidr.parse("10.9.8.0/24")).subnet("fd00:9::/64").mtu(1280).vni(7).attachable(false).build(), MTU, List.of());

        NetworkInfo info = blue.info();
        assertEquals(7, info.vni());
        assertEquals(1280, info.mtu());
        assertEquals(List.of(ip("10.9.255.254"), ip("fd00:9::1")), info.gateways());
        assertEquals(new SubnetSpec(Cidr.parse("10.9.0.0/16"), Optional.of(ip("10.9.255.254")), Optional.of(Cidr.parse("10.9.8.0/24"))),
                info.subnets().getFirst());
        assertEquals(4096, network("red").vni(), "a VNI that was named does not move the search");
    }

    @Test
    void shouldLetTwoNetworksHaveTheSameSubnet() {
        network("blue", "10.0.1.0/24");
        network("red", "10.0.1.0/24");
        assertEquals(List.of("blue", "red"), networks.all().stream().map(NetworkRecord::name).toList());
    }

    @Test
    void shouldRefuseWhatCannotBeAndLeaveNothingBehind() {
        networks.create(NetworkSpec.named("blue").vni(4096).build(), MTU, List.of());
        String before = cluster.toString();

        assertThrows(WeftException.NameTaken.class, () -> network("blue"));
        WeftException taken = assertThrows(WeftException.InvalidSpec.class,
                () -> networks.create(NetworkSpec.named("red").vni(4096).build(), MTU, List.of()));
        assertTrue(taken.getMessage().contains("4096") && taken.getMessage().contains("'blue'"), taken.getMessage());
        assertThrows(WeftException.InvalidSpec.class,
                () -> networks.create(NetworkSpec.named("red").subnet("fd00::/64").build(), 1279, List.of()));
        assertThrows(WeftException.InvalidSpec.class, () -> networks.create(NetworkSpec.named("red").build(), 575, List.of()));

        assertEquals(before, cluster.toString());
        assertEquals(4097, network("red").vni());
    }

    @Test
    void shouldNotGiveTheVniOfARemovedNetworkToTheNext() {
        networks.remove(network("blue"));
        assertEquals(4097, network("blue").vni());
    }

    @Test
    void shouldRemoveOnlyAnEmptyNetwork() {
        String before = cluster.toString();
        NetworkRecord blue = network("blue");
        var endpoint = attach(blue, "web1");
        var service = services.create(blue, ServiceSpec.vip("web", "web1"));

        assertThrows(WeftException.InUse.class, () -> networks.remove(blue));
        endpoints.remove(endpoint);
        String message = assertThrows(WeftException.InUse.class, () -> networks.remove(blue)).getMessage();
        assertTrue(message.contains("web"), message);
        services.remove(service);
        networks.remove(blue);

        assertEquals(before.replace("\"nextVni\":4096", "\"nextVni\":4097"), cluster.toString());
        assertThrows(WeftException.NotFound.class, () -> networks.remove(blue));
    }

    @Test
    void shouldGrowByASubnetOrByAWiderRange() {
        NetworkRecord blue = networks.create(NetworkSpec.named("blue")
                .subnet(Cidr.parse("10.9.0.0/16"), null, Cidr.parse("10.9.8.0/24")).build(), MTU, List.of());

        networks.grow(blue, Cidr.parse("10.9.8.0/22"));
        networks.grow(blue, SubnetSpec.of("10.10.0.0/24"));
        NetworkRecord grown = networks.grow(blue, SubnetSpec.of("fd00:9::/64"));

        assertEquals(List.of(List.of("10.9.0.0/16", "10.10.0.0/24"), List.of("fd00:9:0:0:0:0:0:0/64")),
                grown.pools().stream().map(pool -> pool.stream().map(subnet -> subnet.cidr().toString()).toList()).toList());
        assertEquals(Cidr.parse("10.9.8.0/22"), grown.subnets().getFirst().ipRange());
        assertEquals(Optional.of(grown), networks.find("blue"));
    }

    @Test
    void shouldRefuseToGrowInAWayThatCannotBe() {
        NetworkRecord blue = networks.create(NetworkSpec.named("blue").mtu(1000)
                .subnet(Cidr.parse("10.9.0.0/16"), null, Cidr.parse("10.9.8.0/24")).build(), MTU, List.of());
        String before = cluster.toString();
        for (String subnet : List.of("10.9.128.0/17", "10.0.0.0/8", "10.9.0.0/16", "fd00:9::/64")) {
            assertThrows(WeftException.InvalidSpec.class, () -> networks.grow(blue, SubnetSpec.of(subnet)), subnet);
        }
        for (String range : List.of("10.9.0.0/24", "10.9.8.0/25", "10.8.0.0/15", "10.10.0.0/24", "fd00::/64")) {
            assertThrows(WeftException.InvalidSpec.class, () -> networks.grow(blue, Cidr.parse(range)), range);
        }
        assertEquals(before, cluster.toString());
        networks.remove(blue);
        assertThrows(WeftException.NotFound.class, () -> networks.grow(blue, SubnetSpec.of("10.10.0.0/24")));
    }

    @Test
    void shouldTakeSubnetsFromTheClustersPoolAndSayWhenItIsEmpty() {
        store.commit(new Change.Replace(Layout.CLUSTER, RecordCodec.encode(new ClusterRecord("c1", SubnetPoolSpec.parse("172.20.0.0/23:24"))), 0));
        assertEquals(Cidr.parse("172.20.0.0/24"), network("blue").subnets().getFirst().cidr());
        assertEquals(Cidr.parse("172.20.1.0/24"), network("red").subnets().getFirst().cidr());
        String message = assertThrows(WeftException.PoolExhausted.class, () -> network("green")).getMessage();
        assertTrue(message.contains("172.20.0.0/23") && message.contains("'green'"), message);
    }

    @Test
    void shouldGiveEachOfManyNetworksMadeAtOnceItsOwnVniAndSubnet() throws Exception {
        List<Future<NetworkRecord>> made = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 40; i++) {
                String name = "net" + i;
                InMemoryClusterStore client = cluster.connect();
                made.add(threads.submit(() -> new Registries(client, new java.util.Random(1)).networks()
                        .create(NetworkSpec.named(name).build(), MTU, List.of())));
            }
        }
        List<NetworkRecord> all = new ArrayList<>();
        for (Future<NetworkRecord> each : made) {
            all.add(each.get());
        }
        assertEquals(40, all.stream().map(NetworkRecord::vni).distinct().count());
        assertEquals(40, all.stream().map(each -> each.subnets().getFirst().cidr()).distinct().count());
    }
}
