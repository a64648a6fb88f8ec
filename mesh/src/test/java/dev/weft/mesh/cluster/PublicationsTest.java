package dev.weft.mesh.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cidr;
import dev.weft.api.EndpointMode;
import dev.weft.api.EndpointSpec;
import dev.weft.api.NetworkSpec;
import dev.weft.api.LoadBalancing;
import dev.weft.api.PublishedPort;
import dev.weft.api.ServiceSpec;
import dev.weft.api.ServiceUpdate;
import dev.weft.api.SubnetSpec;
import dev.weft.api.WeftException;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.ServiceRecord;
import dev.weft.mesh.store.InMemoryClusterStore;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublicationsTest extends RegistryTest {

    private NetworkRecord ingress;
    private NetworkRecord blue;

    @BeforeEach
    void makeNetworks() {
        ingress = networks.create(NetworkSpec.named("ingress").vni(NetworkRegistry.INGRESS_VNI).ingress(true).build(), MTU, List.of());
        blue = network("blue", "10.0.1.0/24");
    }

    private ServiceRecord publish(NetworkRecord network, String name, String... ports) {
        return services.create(network, spec(name, ports).build());
    }

    private static ServiceSpec.Builder spec(String name, String... ports) {
        ServiceSpec.Builder spec = ServiceSpec.named(name).backends("web1");
        List.of(ports).forEach(spec::publish);
        return spec;
    }

    private void attach(String name, String port, dev.weft.mesh.model.NodeRecord node) {
        EndpointSpec.Builder spec = EndpointSpec.networkNamespace(name, "ns-" + name, "eth0");
        if (!port.isEmpty()) {
            spec.publish(port);
        }
        endpoints.create(blue, spec.build(), node);
    }

    private static String refused(Class<? extends WeftException> how, Runnable what) {
        return assertThrows(how, what::run).getMessage();
    }

    @Test
    void shouldMakeAServiceOfTheIngressNetworkBesideTheOneThatPublishes() {
        ServiceRecord web = publish(blue, "web", "8080:80", "published=53,target=5353,protocol=udp,mode=host");

        ServiceRecord published = services.of(ingress).getFirst();
        assertEquals("blue~web", published.name());
        assertEquals(List.of(IngressNames.of("blue", "web1")), published.backends());
        assertEquals(List.of(ip("172.16.0.2")), published.vips(), "its VIP there is an address of the ingress network");
        assertEquals(web.publication(), published.publication());
        assertEquals(EndpointMode.VIP, published.mode());
    }

    @Test
    void shouldPublishAServiceWithoutVipToo() {
        services.create(blue, spec("web", "8080:80").mode(EndpointMode.DNSRR).build());

        assertEquals(1, services.of(ingress).getFirst().vips().size());
    }

    @Test
    void shouldGiveEverythingFreeWhenRemoved() {
        String before = cluster.toString().replaceAll("/weft/ingress=.*", "");
        ServiceRecord web = publish(blue, "web", "8080:80");
        services.remove(web);
        services.remove(web);
        attach("web1", "8080:80", ONE);
        endpoints.of(blue).forEach(endpoints::remove);

        assertEquals(before, cluster.toString().replaceAll("/weft/ingress=.*", ""));
        publish(blue, "web", "8080:80");
    }

    @ParameterizedTest
    @CsvSource({
        "8080:80, 8080:81", "8080:80, 8000-9000:1000-2000", "8000-9000:1000-2000, 8080:80", "8080:80, 127.0.0.1:8080:80",
        "127.0.0.1:8080:80, 8080:80", "eth0:8080:80, 127.0.0.1:8080:80", "'published=8080,target=80,mode=host', 8080:80",
        "8080:80, 'published=8080,target=80,mode=host'"})
    void shouldRefuseAPortThatIsPublishedWithItsOwnersName(String first, String second) {
        publish(blue, "web", first);
        NetworkRecord red = network("red", "10.0.2.0/24");
        String before = cluster.toString();

        String message = refused(WeftException.PortInUse.class, () -> publish(red, "api", second));

        assertTrue(message.contains("service 'api' of network 'red'") && message.contains("service 'web' of network 'blue' has published"), message);
        assertTrue(refused(WeftException.PortInUse.class, () -> attach("web9", second, ONE)).contains("endpoint 'web9' of network 'blue'"));
        assertEquals(before, cluster.toString(), "nothing is half done");
    }

    @ParameterizedTest
    @CsvSource({"8080:80, 8080:80/udp", "8080:80, 8081:80", "127.0.0.1:8080:80, 192.0.2.1:8080:80", "eth0:8080:80, eth1:8080:80"})
    void shouldPublishWhatDoesNotMeet(String first, String second) {
        publish(blue, "web", first);
        publish(blue, "api", second);

        assertEquals(2, services.of(ingress).size());
    }

    @Test
    void shouldKeepItsVipWhenItPublishesOtherwise() {
        ServiceRecord web = publish(blue, "web", "8080:80");
        List<InetAddress> vips = services.of(ingress).getFirst().vips();

        services.update(blue, web, ServiceUpdate.change().publish("8081:80").unpublish("8080:80").balancing(LoadBalancing.MAGLEV)
                .weight("web1", 3).build());

        ServiceRecord published = services.of(ingress).getFirst();
        assertEquals(vips, published.vips());
        assertEquals(List.of(8081), published.publication().ports().stream().map(PublishedPort::published).toList());
        assertEquals(LoadBalancing.MAGLEV, published.balancing().method());
        assertEquals(3, published.balancing().weight(IngressNames.of("blue", "web1")), "the weight of what stands for the backend");
        publish(blue, "api", "8080:80");
        services.remove(web);
        assertEquals(1, services.of(ingress).size(), "what was published otherwise goes with the service, too");
    }

    @Test
    void shouldFollowTheBackendsOfItsService() {
        String port = "published=8080,target=80,mode=host";
        attach("web2", "", TWO);
        attach("web8", "", ONE);
        ServiceRecord web = services.create(blue, ServiceSpec.named("web").backends("web8").publish(port).build());
        ServiceRecord other = services.create(blue, ServiceSpec.named("other").backends("web2").publish(port).build());

        ServiceUpdate intoTheirWay = ServiceUpdate.change().addBackend("web2").build();
        assertTrue(refused(WeftException.PortInUse.class, () -> services.update(blue, web, intoTheirWay)).contains("service 'other'"));
        services.remove(other);
        services.update(blue, web, ServiceUpdate.change().addBackend("web2").removeBackend("web8").build());

        assertEquals(List.of(IngressNames.of("blue", "web2")), services.of(ingress).getFirst().backends());
    }

    @Test
    void shouldPublishAPortLaterAndNoneAnyMore() {
        ServiceRecord web = publish(blue, "web");
        String before = cluster.toString().replaceAll("/weft/ingress=.*", "");

        services.update(blue, web, ServiceUpdate.change().publish("8080:80").build());
        assertEquals(1, services.of(ingress).size());
        services.update(blue, web, ServiceUpdate.change().unpublish("80").build());

        assertEquals(before, cluster.toString().replaceAll("/weft/ingress=.*", ""));
        publish(blue, "api", "8080:80");
    }

    @Test
    void shouldRefuseAFurtherPortThatIsPublishedWithItsOwnersName() {
        publish(blue, "web", "8080:80");
        ServiceRecord api = publish(blue, "api", "8081:80");
        String before = cluster.toString();

        String message = refused(WeftException.PortInUse.class, () -> services.update(blue, api,
                ServiceUpdate.change().unpublish("80").publish("8080:80").build()));

        assertTrue(message.contains("service 'web' of network 'blue' has published"), message);
        assertEquals(before, cluster.toString(), "nothing is half done");
    }

    @Test
    void shouldRefuseIpv6WhereItCannotGo() {
        for (String port : List.of("[2001:db8::1]:8080:80", "[::]:8080:80", "published=8080,target=80,mode=host,bind=2001:db8::1")) {
            String message = refused(WeftException.InvalidSpec.class, () -> publish(blue, "web", port));
            assertTrue(message.contains("ingress network 'ingress' has no IPv6 subnet"), message);
        }
        networks.grow(ingress, SubnetSpec.of("fd00:11::/64"));
        String message = refused(WeftException.InvalidSpec.class, () -> publish(blue, "web", "[::1]:8080:80"));
        assertTrue(message.contains("does not leave the host"), message);
        publish(blue, "web", "[2001:db8::1]:8080:80", "0.0.0.0:8080:80");
        assertEquals(2, services.of(ingress).getFirst().vips().size());
    }

    @Test
    void shouldRefuseBackendsThatCannotAnswerAndLeaveNothing() {
        endpoints.create(blue, EndpointSpec.hostInterface("host", "weft0").build(), ONE);
        endpoints.create(blue, EndpointSpec.inProcess("program").build(), ONE);
        ServiceRecord web = services.create(blue, spec("web", "8080:80").build());
        String before = cluster.toString();
        for (String backend : List.of("host", "program")) {
            String message = refused(WeftException.InvalidSpec.class, () -> services.create(blue,
                    ServiceSpec.named("other").backends("web1", backend).publish("53:53/udp").publish("80:80").build()));
            assertTrue(message.contains("cannot lead to endpoint '" + backend + "'"), message);
            refused(WeftException.InvalidSpec.class, () -> services.update(blue, web, ServiceUpdate.change().addBackend(backend).build()));
        }
        assertEquals(before, cluster.toString());
        services.create(blue, ServiceSpec.named("names").backends("program").publish("53:53/udp").build());
        services.create(blue, ServiceSpec.named("inside").backends("host", "program").build());
    }

    @Test
    void shouldRefuseAPortOfModeHostOnOneNodeOnly() {
        String port = "published=8080,target=80,mode=host";
        attach("web1", port, ONE);

        String message = refused(WeftException.PortInUse.class, () -> attach("web2", port, ONE));

        assertTrue(message.contains("endpoint 'web1' of network 'blue' has published"), message);
        attach("web3", port, TWO);
    }

    @Test
    void shouldRefuseToPublishWithoutAnIngressNetworkAndToRemoveItWhilePortsArePublished() {
        ServiceRecord web = publish(blue, "web", "8080:80");
        String message = refused(WeftException.InUse.class, () -> networks.remove(ingress));
        assertTrue(message.contains("service 'web' of network 'blue' [published=8080,target=80,protocol=tcp]"), message);
        services.remove(web);
        endpoints.create(ingress, EndpointSpec.hostInterface(IngressNames.gateway(ONE.id()), "wg1111").build(), ONE);

        networks.remove(ingress);

        assertTrue(refused(WeftException.NotFound.class, () -> publish(blue, "web", "8080:80")).contains("has no ingress network"));
        publish(blue, "web");
        assertEquals(Optional.empty(), networks.find("ingress"));
    }

    @Test
    void shouldMakeTheIngressNetworkAnewAsItIsAskedFor() {
        assertTrue(refused(WeftException.NameTaken.class, () -> networks.create(NetworkSpec.named("second").ingress(true).build(), MTU, List.of()))
                .contains("has an ingress network, 'ingress'"));
        networks.remove(ingress);

        NetworkRecord other = networks.create(NetworkSpec.named("my-ingress").ingress(true).mtu(1200)
                .subnet(Cidr.parse("10.11.0.0/16"), ip("10.11.0.2"), null).build(), MTU, List.of());

        assertEquals(1200, other.mtu());
        assertEquals(List.of(ip("10.11.0.2")), other.info().gateways());
        publish(blue, "web", "8080:80");
        assertEquals(List.of(ip("10.11.0.1")), services.of(other).getFirst().vips());
    }

    @Test
    void shouldRefuseWhatTheIngressNetworkIsNotFor() {
        assertTrue(refused(WeftException.InvalidSpec.class, () -> publish(ingress, "web")).contains("only carries what comes by published ports"));
        assertThrows(WeftException.NotAttachable.class, () -> endpoints.create(ingress, EndpointSpec.inProcess("web1").build(), ONE));
        assertThrows(WeftException.NotAttachable.class,
                () -> endpoints.create(ingress, EndpointSpec.inProcess(IngressNames.gateway(TWO.id())).build(), ONE), "another node's");
        NetworkRecord same = network("same", "172.16.5.0/24");
        assertTrue(refused(WeftException.InvalidSpec.class, () -> publish(same, "web", "8080:80")).contains("overlaps 172.16.0.0/20"));
        assertThrows(WeftException.InvalidSpec.class, () -> NetworkSpec.named("six").ingress(true).subnet("fd00::/64").build());
    }

    @Test
    void shouldGiveAPortToOneOfManyThatAskAtOnce() throws Exception {
        List<Future<ServiceRecord>> asked = new ArrayList<>();
        try (var threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 8; i++) {
                InMemoryClusterStore client = cluster.connect();
                String name = "web" + i;
                asked.add(threads.submit(() -> new ServiceRegistry(client, new Random(5)).create(blue, spec(name, "8080:80").build())));
            }
        }
        int made = 0;
        for (Future<ServiceRecord> each : asked) {
            try {
                each.get();
                made++;
            } catch (ExecutionException e) {
                assertTrue(e.getCause() instanceof WeftException.PortInUse, () -> "" + e.getCause());
            }
        }
        assertEquals(1, made);
    }
}
