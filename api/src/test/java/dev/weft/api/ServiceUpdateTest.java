package dev.weft.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceUpdateTest {

    private static final ServiceSpec WEB = ServiceSpec.named("web").backends("web1", "web2").balancing(LoadBalancing.MAGLEV).affinity(true)
            .weight("web1", 3).publish("8080:80").publish("8081:80").publish("53:80/udp").publish("9000-9001:80-81")
            .publish("published=9100,target=80,mode=host").masquerade(true).build();

    @Test
    void shouldLeaveWhatItDoesNotName() {
        ServiceSpec after = ServiceUpdate.change().weight("web2", 5).build().applyTo(WEB);

        assertEquals(Map.of("web1", 3, "web2", 5), after.balancing().weights());
        assertEquals(new ServiceSpec("web", WEB.backends(), WEB.mode(), WEB.vip(), WEB.balancing(), WEB.publication()),
                ServiceUpdate.change().weight("web2", 1).build().applyTo(after));
    }

    @Test
    void shouldChangeHowConnectionsAreSpread() {
        Balancing after = ServiceUpdate.change().balancing(LoadBalancing.LEAST_CONNECTIONS).affinity(false).weight("web1", 1).build()
                .applyTo(WEB).balancing();

        assertEquals(new Balancing(LoadBalancing.LEAST_CONNECTIONS, false, Map.of()), after);
    }

    @Test
    void shouldChangeItsBackends() {
        ServiceSpec after = ServiceUpdate.change().removeBackend("web1").addBackend("web3").weight("web3", 4).build().applyTo(WEB);

        assertEquals(List.of("web2", "web3"), after.backends());
        assertEquals(Map.of("web3", 4), after.balancing().weights(), "the weight of one that is gone goes, too");
        ServiceUpdate unknown = ServiceUpdate.change().removeBackend("web9").build();
        assertTrue(assertThrows(WeftException.NotFound.class, () -> unknown.applyTo(WEB)).getMessage().contains("it has [web1, web2]"));
        ServiceUpdate twice = ServiceUpdate.change().addBackend("web1").build();
        assertThrows(WeftException.InvalidSpec.class, () -> twice.applyTo(WEB));
        ServiceUpdate bad = ServiceUpdate.change().addBackend("no name").build();
        assertThrows(WeftException.InvalidSpec.class, () -> bad.applyTo(WEB));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            80                                 | 53, 9000
            80/tcp                             | 53, 9000
            80/udp                             | 8080, 8081, 9000, 9100
            8081:80                            | 8080, 53, 9000, 9100
            published=8081,target=80           | 8080, 53, 9000, 9100
            9000-9001:80-81                    | 8080, 8081, 53, 9100
            published=9100,target=80,mode=host | 8080, 8081, 53, 9000
            """)
    void shouldTakePortsAway(String removed, String left) {
        Publication after = ServiceUpdate.change().unpublish(removed).build().applyTo(WEB).publication();

        assertEquals(left, after.ports().stream().map(port -> "" + port.published()).collect(Collectors.joining(", ")));
        assertTrue(after.masquerade());
    }

    @Test
    void shouldPublishAPortOtherwiseAtOnce() {
        Publication after = ServiceUpdate.change().publish("8080:81").unpublish("8080:80").build().applyTo(WEB).publication();

        assertEquals(PublishedPort.parse("8080:81"), after.ports().getLast());
        assertEquals(WEB.publication().ports().size(), after.ports().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"81", "80/sctp", "8082:80", "127.0.0.1:8080:80"})
    void shouldRefuseToTakeAwayWhatIsNotPublished(String removed) {
        ServiceUpdate update = ServiceUpdate.change().unpublish(removed).build();

        String message = assertThrows(WeftException.NotFound.class, () -> update.applyTo(WEB)).getMessage();

        assertTrue(message.contains("it has published [published=8080,target=80,protocol=tcp"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "65536", "123456", "80/icmp", "80/TCP", "80/", "http", "-80", "80-81", "8080:", "published=80"})
    void shouldRefuseAPortThatIsNone(String removed) {
        assertThrows(WeftException.InvalidSpec.class, () -> ServiceUpdate.change().unpublish(removed));
    }

    @Test
    void shouldRefuseWhatAServiceCannotBe() {
        assertThrows(WeftException.InvalidSpec.class, () -> ServiceUpdate.change().build(), "nothing");
        ServiceUpdate foreign = ServiceUpdate.change().weight("web9", 2).build();
        assertThrows(WeftException.InvalidSpec.class, () -> foreign.applyTo(WEB));
        ServiceUpdate heavy = ServiceUpdate.change().weight("web1", 101).build();
        assertThrows(WeftException.InvalidSpec.class, () -> heavy.applyTo(WEB));
        ServiceUpdate twice = ServiceUpdate.change().publish("8080:90").build();
        assertThrows(WeftException.InvalidSpec.class, () -> twice.applyTo(WEB));
        ServiceUpdate names = ServiceUpdate.change().mode(EndpointMode.DNSRR).build();
        assertThrows(WeftException.InvalidSpec.class, () -> names.applyTo(WEB), "its clients choose themselves");
        assertEquals(EndpointMode.DNSRR, ServiceUpdate.change().mode(EndpointMode.DNSRR).balancing(LoadBalancing.ROUND_ROBIN).affinity(false)
                .weight("web1", 1).build().applyTo(WEB).mode());
    }
}
