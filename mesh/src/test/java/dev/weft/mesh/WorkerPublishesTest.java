package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.DataPathKind;
import dev.weft.api.Endpoint;
import dev.weft.api.EndpointSpec;
import dev.weft.api.Health;
import dev.weft.api.HealthCheck;
import dev.weft.api.NetworkSpec;
import dev.weft.api.NodeRole;
import dev.weft.api.NodeSpec;
import dev.weft.api.OverlayNetwork;
import dev.weft.api.OverlayNode;
import dev.weft.api.PublishedPort;
import dev.weft.api.ServiceSpec;
import dev.weft.api.WeftException;
import dev.weft.mesh.enrol.AttachRequest;
import dev.weft.mesh.enrol.ManagementClient;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.path.RecordingDataPath;
import dev.weft.mesh.pki.NodeCredentials;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Endpoints of workers that publish ports: a manager writes what a worker may not, and for nobody else. */
class WorkerPublishesTest {

    @TempDir
    private Path directory;
    private RefusingManager manager;
    private String token;
    private WeftNode worker;
    private ClusterLink link;

    @BeforeEach
    void startBoth() {
        manager = new RefusingManager(directory);
        manager.node.makeIngress();
        manager.node.createNetwork(NetworkSpec.named("blue").subnet("10.0.1.0/24").build());
        token = manager.node.token(NodeRole.WORKER);
        worker = start("two");
    }

    @AfterEach
    void closeBoth() {
        worker.close();
        manager.close();
    }

    private WeftNode start(String name) {
        NodeSpec spec = OverlayNode.builder().name(name).dataDirectory(directory.resolve(name)).advertise("127.0.0." + name.length())
                .ports(manager.ports).dataPath(DataPathKind.SOCKET).build();
        link = ClusterLink.join(spec, "127.0.0.1:" + manager.ports.management(), token);
        return NodeStart.start(spec, link, List.of(new RecordingDataPath(DataPathKind.SOCKET)));
    }

    private static EndpointSpec publishing(String name, String... ports) {
        EndpointSpec.Builder spec = EndpointSpec.networkNamespace(name, "ns-" + name, "eth0").label("tier", "web").alias("shop");
        List.of(ports).forEach(spec::publish);
        return spec.build();
    }

    private OverlayNetwork blue() {
        return worker.network("blue");
    }

    /** As any node sees it: names of the ingress network's services, and who has claimed what there. */
    private List<String> published() {
        return manager.link.store().children("/weft/networks/ingress/services");
    }

    private List<String> claimed(String network) {
        return List.of("names", "addresses", "macs").stream()
                .flatMap(kind -> manager.link.store().children("/weft/claims/" + network + "/" + kind).stream()).toList();
    }

    @Test
    void shouldPublishWithTheEndpointAndWithdrawWithIt() {
        Endpoint web = blue().attach(publishing("web", "8080:80", "8081:81/udp"));

        assertEquals(List.of(web.info()), manager.node.network("blue").endpoints());
        assertEquals("two", web.info().node());
        assertEquals(List.of(PublishedPort.parse("8080:80"), PublishedPort.parse("8081:81/udp")), web.info().publication().ports());
        assertEquals(List.of("blue~web"), published());
        web.health(Health.UNHEALTHY, "the record is the worker's own");
        Await.until("health", () -> manager.node.network("blue").endpoints().getFirst().health().health() == Health.UNHEALTHY);
        blue().detach("web");

        assertEquals(List.of(), published());
        assertEquals(List.of(), claimed("blue"));
        assertEquals(List.of(), claimed("ingress"));
    }

    @Test
    void shouldRefuseWithTheOwnersNameAndLeaveNothing() {
        manager.node.network("blue").publish(ServiceSpec.named("shop").backends("x").publish("8080:80").build());
        List<String> before = claimed("blue");
        WeftException.PortInUse taken = assertThrows(WeftException.PortInUse.class, () -> blue().attach(publishing("web", "8079-8080:80-81")));
        assertTrue(taken.getMessage().contains("service 'shop' of network 'blue' has published"), taken.getMessage());
        assertThrows(WeftException.NameTaken.class, () -> blue().attach(publishing("shop", "8090:80")));
        WeftException.AddressUnavailable outside = assertThrows(WeftException.AddressUnavailable.class,
                () -> blue().attach(EndpointSpec.networkNamespace("web", "ns", "eth0").address("10.0.9.9").publish("8090:80").build()));
        assertTrue(outside.getMessage().contains("10.0.9.9"), outside.getMessage());
        manager.node.drain("two");
        assertThrows(WeftException.NodeDrained.class, () -> blue().attach(publishing("web", "8090:80")));
        manager.node.activate("two");

        assertEquals(before, claimed("blue"));
        assertEquals(List.of("blue~shop"), published());
        assertEquals(List.of(), worker.registries().endpoints().at(link.identity().id()));
        blue().attach(publishing("web", "8090:80"));
        WeftException.PortInUse second = assertThrows(WeftException.PortInUse.class,
                () -> manager.node.network("blue").publish(ServiceSpec.named("other").backends("x").publish("8090:80").build()));
        assertTrue(second.getMessage().contains("endpoint 'web' of network 'blue' has published"), second.getMessage());
    }

    @Test
    void shouldTakePortsAwayWithTheWorker() throws Exception {
        blue().attach(publishing("web", "8080:80"));
        worker.close();
        assertEquals(List.of("blue~web"), published(), "it may come back");
        worker = start("two");
        assertEquals(List.of("blue~web"), published());
        worker.leave();
        assertEquals(List.of(), published());
        worker = start("three");
        blue().attach(publishing("web", "8080:80"));
        worker.close();
        manager.node.remove("three", true);
        assertEquals(List.of(), published());
        assertEquals(List.of(), claimed("blue"));
        assertEquals(List.of(), claimed("ingress"));
    }

    /** The connection broke after the manager had done it, and before it said so. */
    @Test
    void shouldTakeUpWhatAManagerMadeWithoutAnAnswer() {
        NetworkRecord record = worker.registries().networks().find("blue").orElseThrow();
        EndpointRecord made = ManagementClient.attach(management(), credentials(),
                new AttachRequest("blue", record.vni(), publishing("web", "8080:80")));

        assertThrows(WeftException.NameTaken.class, () -> blue().attach(publishing("web", "8081:80")), "that is another one");
        assertEquals(made.addresses(), blue().attach(publishing("web", "8080:80")).info().addresses());
        assertThrows(WeftException.NameTaken.class, () -> blue().attach(publishing("web", "8080:80")), "it has a handle now");
        assertEquals(List.of("blue~web"), published());
    }

    private static EndpointSpec program(String name, String port) {
        return EndpointSpec.inProcess(name).publish(port).healthCheck(HealthCheck.of(new HealthCheck.Callback(() -> true))).build();
    }

    private boolean isHealthy(String only) {
        return manager.node.network("blue").endpoints().stream().map(each -> each.name() + each.health().health()).toList()
                .equals(List.of(only + Health.HEALTHY));
    }

    @Test
    void shouldPublishPortsOfAProgramForAsLongAsItRuns() {
        Endpoint dns = blue().attach(program("dns", "5353:53/udp"));
        Await.until("what is called says that it is healthy", () -> isHealthy("dns"));
        assertEquals(List.of("blue~dns"), published());
        WeftException.PortInUse taken = assertThrows(WeftException.PortInUse.class, () -> blue().attach(program("other", "5353:53/udp")));
        assertTrue(taken.getMessage().contains("endpoint 'dns' of network 'blue' has published"), taken.getMessage());
        dns.close();
        assertEquals(List.of(), published());
        blue().attach(program("dns", "5353:53/udp"));
        worker.close();

        assertEquals(List.of(), published());
        assertEquals(List.of(), claimed("blue"));
        assertEquals(List.of(), claimed("ingress"));
    }

    /** It was killed: nobody took anything away. */
    @Test
    void shouldTakePortsOfTheProgramBeforeAway() {
        NetworkRecord record = worker.registries().networks().find("blue").orElseThrow();
        worker.close();
        ManagementClient.attach(management(), credentials(), new AttachRequest("blue", record.vni(), program("dns", "5353:53/udp")));
        assertEquals(List.of("blue~dns"), published());
        worker = start("two");

        assertEquals(List.of(), published());
        assertEquals(List.of(), claimed("blue"));
        blue().attach(program("dns", "5353:53/udp"));
        assertEquals(List.of("blue~dns"), published());
        Await.until("it is healthy again", () -> isHealthy("dns"));
    }

    private InetSocketAddress management() {
        return new InetSocketAddress("127.0.0.1", manager.ports.management());
    }

    private NodeCredentials credentials() {
        return link.proof().credentials().orElseThrow();
    }

    @Test
    void shouldServeNobodyInAnothersName() {
        Endpoint own = manager.node.network("blue").attach(publishing("own", "8080:80"));
        EndpointRecord record = manager.node.registries().endpoints().find("blue", "own").orElseThrow();

        assertThrows(WeftException.NotFound.class, () -> ManagementClient.detach(management(), credentials(), record));
        EndpointRecord asIfMine = new EndpointRecord("blue", "own", link.identity().id(), record.mac(), record.addresses(), record.aliases(),
                record.attachment(), record.health(), record.check(), record.publication(), record.labels());
        ManagementClient.detach(management(), credentials(), asIfMine);
        assertEquals(List.of(own.info()), manager.node.network("blue").endpoints());
        assertEquals(List.of("blue~own"), published());
        assertThrows(WeftException.NotFound.class, () -> ManagementClient.attach(management(), credentials(),
                new AttachRequest("blue", 4_094, publishing("web", "8081:80"))), "another network had that name");
        assertThrows(WeftException.NotAttachable.class, () -> ManagementClient.attach(management(), credentials(),
                new AttachRequest("ingress", 4_095, publishing("web", "8081:80"))));
        assertThrows(WeftException.InvalidSpec.class, () -> ManagementClient.attach(management(), credentials(),
                new AttachRequest("blue", manager.node.network("blue").info().vni(), publishing("web"))));
        manager.node.remove("two", true);
        assertThrows(WeftException.IdentityRefused.class, () -> ManagementClient.attach(management(), credentials(),
                new AttachRequest("blue", manager.node.network("blue").info().vni(), publishing("web", "8081:80"))));
        assertEquals(List.of("blue~own"), published());
    }
}
