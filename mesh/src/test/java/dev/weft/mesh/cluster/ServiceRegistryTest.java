package dev.weft.mesh.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weft.api.ServiceSpec;
import dev.weft.api.WeftException;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.ServiceRecord;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
}
