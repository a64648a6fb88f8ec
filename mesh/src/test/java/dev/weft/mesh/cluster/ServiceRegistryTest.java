package dev.weft.mesh.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weft.api.EndpointMode;
import dev.weft.api.LoadBalancing;
import dev.weft.api.ServiceSpec;
import dev.weft.api.ServiceUpdate;
import dev.weft.api.WeftException;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.ServiceRecord;
import dev.weft.mesh.store.InMemoryClusterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ServiceRegistryTest extends RegistryTest {

    @Test
    void shouldHaveAVipInEachSubnet() {
        NetworkRecord blue = network("blue", "10.0.1.0/24", "fd00:1::/64");
        ServiceRecord web = services.create(blue, ServiceSpec.vip("web", "web1", "web2"));
        assertEquals(List.of(ip("10.0.1.2"), ip("fd00:1::2")), web.vips());
        assertEquals(Optional.of(web), services.find("blue", "web"));
        assertEquals(List.of("web2"), web.info(Set.of("web2", "other")).serving());

        ServiceRecord api = services.create(blue, ServiceSpec.named("api").vip("10.0.1.80").build());
        assertEquals(List.of(ip("10.0.1.80"), ip("fd00:1::3")), api.vips());
    }

    @Test
    void shouldShareNamesAndAddressesWithEndpoints() {
        NetworkRecord blue = network("blue", "10.0.1.0/24");
        attach(blue, "web1", "10.0.1.5");
        services.create(blue, ServiceSpec.vip("web"));
        String before = cluster.toString();

        assertThrows(WeftException.NameTaken.class, () -> services.create(blue, ServiceSpec.vip("web1")));
        assertThrows(WeftException.NameTaken.class, () -> services.create(blue, ServiceSpec.vip("web")));
        assertThrows(WeftException.NameTaken.class, () -> attach(blue, "web"));
        for (String vip : List.of("10.0.1.5", "10.0.1.2", "10.0.1.1", "10.0.2.1")) {
            assertThrows(WeftException.AddressUnavailable.class,
                    () -> services.create(blue, ServiceSpec.named("api").vip(vip).build()), vip);
        }
        assertThrows(WeftException.AddressUnavailable.class, () -> attach(blue, "web2", "10.0.1.2"));

        assertEquals(before, cluster.toString());
    }

    @Test
    void shouldGiveEverythingFreeWhenRemoved() {
        NetworkRecord blue = network("blue", "10.0.1.0/24");
        String before = cluster.toString();
        ServiceRecord web = services.create(blue, ServiceSpec.vip("web"));
        services.remove(web);
        services.remove(web);
        assertEquals(before, cluster.toString());
    }

    @Test
    void shouldTakeItsVipsAwayAndGiveItOthersWithItsMode() {
        NetworkRecord blue = network("blue", "10.0.1.0/24", "fd00:1::/64");
        String before = cluster.toString();
        ServiceRecord web = services.create(blue, ServiceSpec.vip("web", "web1"));
        ServiceRecord names = services.update(blue, web, ServiceUpdate.change().mode(EndpointMode.DNSRR).build());
        assertEquals(List.of(), names.vips());
        attach(blue, "api1", web.vips().getFirst().getHostAddress());

        ServiceRecord again = services.update(blue, web, ServiceUpdate.change().mode(EndpointMode.VIP).build());

        assertEquals(2, again.vips().size());
        assertEquals(Optional.of(again), services.find("blue", "web"));
        assertThrows(WeftException.AddressUnavailable.class, () -> attach(blue, "api2", again.vips().getLast().getHostAddress()));
        endpoints.of(blue).forEach(endpoints::remove);
        services.remove(again);
        assertEquals(before, cluster.toString());
    }

    @Test
    void shouldChangeNothingWhenItIsRefused() {
        NetworkRecord blue = network("blue", "10.0.1.0/24");
        ServiceRecord web = services.create(blue, ServiceSpec.vip("web", "web1"));
        String before = cluster.toString();

        for (ServiceUpdate refused : List.of(ServiceUpdate.change().weight("web1", 2).unpublish("80").build(),
                ServiceUpdate.change().weight("web1", 2).publish("8080:80").build(), ServiceUpdate.change().weight("web2", 2).build(),
                ServiceUpdate.change().balancing(LoadBalancing.MAGLEV).mode(EndpointMode.DNSRR).build())) {
            assertThrows(WeftException.class, () -> services.update(blue, web, refused), () -> "" + refused);
        }

        assertEquals(before, cluster.toString());
    }

    @Test
    void shouldNotChangeAnotherServiceOfThatName() {
        NetworkRecord blue = network("blue", "10.0.1.0/24");
        ServiceRecord gone = services.create(blue, ServiceSpec.vip("web", "web1"));
        services.remove(gone);
        services.create(blue, ServiceSpec.named("web").backends("web1").vip("10.0.1.99").build());
        String before = cluster.toString();

        assertThrows(WeftException.NotFound.class, () -> services.update(blue, gone, ServiceUpdate.change().affinity(true).build()));
        services.remove(gone);

        assertEquals(before, cluster.toString());
    }

    @Test
    void shouldLoseNoneOfManyChangesAtOnce() throws Exception {
        NetworkRecord blue = network("blue", "10.0.1.0/24");
        String[] backends = {"web0", "web1", "web2", "web3", "web4", "web5", "web6", "web7"};
        ServiceRecord web = services.create(blue, ServiceSpec.vip("web", backends));
        List<Future<ServiceRecord>> asked = new ArrayList<>();
        try (var threads = Executors.newFixedThreadPool(backends.length)) {
            for (String backend : backends) {
                InMemoryClusterStore client = cluster.connect();
                asked.add(threads.submit(() -> new ServiceRegistry(client, new Random(5)).update(blue, web,
                        ServiceUpdate.change().weight(backend, 7).build())));
            }
        }
        for (Future<ServiceRecord> each : asked) {
            each.get();
        }

        Map<String, Integer> weights = services.find("blue", "web").orElseThrow().balancing().weights();
        assertEquals(Set.of(backends), weights.keySet());
    }
}
