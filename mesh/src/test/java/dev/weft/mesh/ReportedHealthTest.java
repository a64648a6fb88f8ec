package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weft.api.Endpoint;
import dev.weft.api.EndpointInfo;
import dev.weft.api.EndpointSpec;
import dev.weft.api.Health;
import dev.weft.api.HealthCheck;
import dev.weft.api.HealthStatus;
import dev.weft.api.NetworkSpec;
import dev.weft.api.OverlayNetwork;
import dev.weft.api.ServiceSpec;
import dev.weft.api.WeftException;
import dev.weft.api.path.ServiceState;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What endpoints say of themselves, and a callback, as the other nodes see it. */
class ReportedHealthTest {

    @TempDir
    private Path directory;
    private MemoryNodes nodes;
    private WeftNode one;
    private WeftNode two;
    private OverlayNetwork blue;

    @BeforeEach
    void startNodes() {
        nodes = new MemoryNodes(directory);
        one = nodes.start("one");
        two = nodes.start("two");
        blue = one.createNetwork(NetworkSpec.named("blue").subnet("10.0.1.0/24").build());
        blue.attach(EndpointSpec.networkNamespace("client", "ns-client", "eth0").address("10.0.1.2").build());
        blue.publish(ServiceSpec.named("web").backends("w1", "w2").vip("10.0.1.80").build());
        blue.publish(ServiceSpec.dnsrr("pool", "w1", "w2"));
        blue.attach(spec("w2", 4).build());
    }

    @AfterEach
    void closeNodes() {
        nodes.close();
    }

    private static EndpointSpec.Builder spec(String name, int number) {
        return EndpointSpec.networkNamespace(name, "ns-" + name, "eth0").address("10.0.1." + number);
    }

    private ServiceState web() {
        return nodes.path("one").last().networks().getFirst().services().stream().filter(service -> service.name().equals("web")).findFirst()
                .orElseThrow();
    }

    private void awaitServing(List<String> backends, List<String> draining) {
        Await.until(backends + " serve and " + draining + " keep what they have", () -> text(web().backends()).equals(backends)
                && text(web().draining()).equals(draining));
        assertEquals(backends, text(blue.resolve("tasks.web")).stream().sorted().toList());
        assertEquals(backends.stream().sorted().toList(), text(blue.resolve("pool")).stream().sorted().toList());
    }

    private static List<String> text(List<InetAddress> addresses) {
        return addresses.stream().map(InetAddress::getHostAddress).toList();
    }

    @Test
    void shouldTakeAnUnhealthyEndpointOutOfServicesAndBringItBack() {
        Endpoint w1 = two.network("blue").attach(spec("w1", 3).build());
        assertEquals(HealthStatus.NONE, w1.info().health());
        awaitServing(List.of("10.0.1.3", "10.0.1.4"), List.of());
        w1.health(Health.UNHEALTHY, "disk full");
        awaitServing(List.of("10.0.1.4"), List.of("10.0.1.3"));
        assertEquals(List.of("w2"), blue.service("web").info().serving());
        assertEquals(new HealthStatus(Health.UNHEALTHY, "disk full"), blue.endpoints().get(1).health());
        assertEquals("10.0.1.3", text(blue.resolve("w1")).getFirst(), "its own name stays");
        Await.until("its own node hears of it", () -> w1.info().health().reason().equals("disk full"));
        w1.health(Health.HEALTHY, "");
        awaitServing(List.of("10.0.1.3", "10.0.1.4"), List.of());

        w1.health(Health.UNHEALTHY, "again");
        w1.close();
        awaitServing(List.of("10.0.1.4"), List.of());
        assertThrows(WeftException.NodeClosed.class, () -> w1.health(Health.HEALTHY, ""));
    }

    @Test
    void shouldLetAllBeRefusedWhenNobodyIsHealthy() {
        Endpoint w1 = two.network("blue").attach(spec("w1", 3).build());
        w1.health(Health.UNHEALTHY, "");
        blue.localEndpoints().stream().filter(each -> each.info().name().equals("w2")).findFirst().orElseThrow().health(Health.UNHEALTHY, "");
        awaitServing(List.of(), List.of("10.0.1.3", "10.0.1.4"));
    }

    @Test
    void shouldRefuseReportsThatMakeNoSense() {
        Endpoint w1 = two.network("blue").attach(spec("w1", 3).build());
        assertThrows(WeftException.InvalidSpec.class, () -> w1.health(Health.NONE, ""));
        assertThrows(WeftException.InvalidSpec.class, () -> w1.health(Health.STARTING, ""));
        assertThrows(WeftException.InvalidSpec.class, () -> w1.health(Health.UNHEALTHY, "x".repeat(HealthStatus.MAX_REASON + 1)));
        Endpoint checked = two.network("blue").attach(spec("checked", 9).healthCheck(HealthCheck.of(new HealthCheck.Tcp(80))).build());
        assertThrows(WeftException.InvalidSpec.class, () -> checked.health(Health.HEALTHY, ""));
        assertEquals(Health.NONE, w1.info().health().health());
    }

    @Test
    void shouldFollowACallback() {
        AtomicBoolean well = new AtomicBoolean();
        two.network("blue").attach(EndpointSpec.inProcess("w1").address("10.0.1.3").healthCheck(HealthCheck.of(new HealthCheck.Callback(well::get))
                .withInterval(Duration.ofMillis(10)).withStartPeriod(Duration.ofHours(1)).withRetries(1)).build());
        awaitServing(List.of("10.0.1.4"), List.of("10.0.1.3"));
        assertEquals(Health.STARTING, blue.endpoints().get(1).health().health());
        well.set(true);
        awaitServing(List.of("10.0.1.3", "10.0.1.4"), List.of());
        well.set(false);
        awaitServing(List.of("10.0.1.4"), List.of("10.0.1.3"));
    }

    @Test
    void shouldKeepWhatIsKnownOverANodesRestart() {
        Endpoint w1 = two.network("blue").attach(spec("w1", 3).build());
        w1.health(Health.UNHEALTHY, "disk full");
        two.close();
        two = nodes.start("two");
        awaitServing(List.of("10.0.1.4"), List.of("10.0.1.3"));
        EndpointInfo info = two.network("blue").localEndpoints().getFirst().info();
        assertEquals(new HealthStatus(Health.UNHEALTHY, "disk full"), info.health());
        two.network("blue").localEndpoints().getFirst().health(Health.HEALTHY, "");
        awaitServing(List.of("10.0.1.3", "10.0.1.4"), List.of());
        two.network("blue").detach("w1");
        assertEquals(List.of("client", "w2"), blue.endpoints().stream().map(EndpointInfo::name).toList());
    }
}
