package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.DataPathKind;
import dev.weft.api.FrameChannel;
import dev.weft.api.MacAddress;
import dev.weft.api.PipelineSpec;
import dev.weft.api.WeftException;
import dev.weft.api.path.Capabilities;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathProvider;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.SubnetState;
import dev.weft.testing.FreePort;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The life of a data path, as an ordinary user. */
class SocketDataPathTest {

    private static final InetAddress VTEP = InetAddress.ofLiteral("127.0.0.6");
    private static final EndpointId A = new EndpointId(256, "a");
    private static final EndpointId B = new EndpointId(256, "b");

    private final DataPathProvider provider = new SocketDataPathProvider();
    private DataPathConfig config;
    private DataPath path;

    @BeforeEach
    void open() {
        config = new DataPathConfig("test", VTEP, FreePort.udp(), Optional.empty(), Optional.empty(), PipelineSpec.DEFAULT);
        path = provider.open(config);
    }

    @AfterEach
    void close() {
        path.close();
    }

    private static DataPathState state(long epoch, int mtu, LocalEndpoint... endpoints) {
        return new DataPathState(epoch, List.of(new NetworkState("blue", 256, mtu, NetworkState.gatewayMacOf(256),
                List.of(new SubnetState(Cidr.parse("10.9.0.0/24"), InetAddress.ofLiteral("10.9.0.1"))), List.of(endpoints), List.of(), List.of())));
    }

    private static LocalEndpoint endpoint(EndpointId id, Attachment attachment) {
        return new LocalEndpoint(id, new MacAddress(0x0257_0000_0000L + id.name().charAt(0)),
                List.of(InetAddress.ofLiteral("10.9.0." + (int) id.name().charAt(0))), attachment);
    }

    private static LocalEndpoint inProcess(EndpointId id) {
        return endpoint(id, new Attachment.InProcess());
    }

    @Test
    void shouldBeFoundAndSayWhatItIs() {
        assertTrue(SocketDataPathProvider.class.getModule().getDescriptor().provides().stream()
                .anyMatch(provided -> provided.providers().contains(SocketDataPathProvider.class.getName())));
        Capabilities found = provider.probe(config);
        assertTrue(found.usable(), found.reason());
        assertEquals(DataPathKind.SOCKET, path.kind());
        assertTrue(path.underlayMtu() >= 1500);
        assertTrue(path.properties().contains("pipeline=fused"), () -> path.properties().toString());
    }

    @Test
    void shouldKeepTheFramesOfAnEndpointThatStays() {
        assertEquals(Map.of(), path.apply(state(1, 1450, inProcess(A))));
        FrameChannel frames = path.frames(A);
        assertEquals(Map.of(), path.apply(state(2, 1400, inProcess(A), inProcess(B))));
        assertSame(frames, path.frames(A));
        assertNotSame(frames, path.frames(B));
        assertEquals(1414, frames.maxFrameLength());
    }

    @Test
    void shouldEndTheFramesOfAnEndpointThatGoes() {
        path.apply(state(1, 1450, inProcess(A)));
        FrameChannel frames = path.frames(A);
        path.apply(DataPathState.EMPTY);
        assertThrows(WeftException.NotFound.class, () -> path.frames(A));
        assertFalse(frames.tryClaim(60));
        path.apply(state(1, 1450, inProcess(A)));
        assertNotSame(frames, path.frames(A));
    }

    @Test
    void shouldIgnoreAnOlderState() {
        path.apply(state(5, 1450, inProcess(A)));
        path.apply(state(4, 1450, inProcess(B)));
        assertEquals(1464, path.frames(A).maxFrameLength());
        assertThrows(WeftException.NotFound.class, () -> path.frames(B));
    }

    @Test
    void shouldMakeTheOthersWhenOneCannotBeMade() {
        Map<EndpointId, WeftException> failures = path.apply(state(1, 1450,
                endpoint(A, new Attachment.NetworkNamespace("wp-there-is-none", "eth0")), inProcess(B)));
        assertEquals(List.of(A), List.copyOf(failures.keySet()));
        assertInstanceOf(WeftException.NotFound.class, failures.get(A));
        path.frames(B);
        assertEquals(failures.keySet(), path.apply(state(2, 1450,
                endpoint(A, new Attachment.NetworkNamespace("wp-there-is-none", "eth0")), inProcess(B))).keySet());
    }

    @Test
    void shouldRefuseAnEndpointWhoseFramesDoNotFitItsBuffers() {
        Map<EndpointId, WeftException> failures = path.apply(state(1, 40_000, inProcess(A)));
        assertInstanceOf(WeftException.InvalidSpec.class, failures.get(A));
        assertEquals(Map.of(), path.apply(state(2, 1450, inProcess(A))));
        assertInstanceOf(WeftException.InvalidSpec.class, path.apply(state(3, 40_000, inProcess(A))).get(A));
        assertThrows(WeftException.NotFound.class, () -> path.frames(A));
    }

    @Test
    void shouldRefuseAPortThatIsTakenAndGiveItBackOnClose() {
        assertThrows(WeftException.PortInUse.class, () -> provider.open(config));
        path.close();
        path.close();
        provider.open(config).close();
        assertThrows(WeftException.NodeClosed.class, () -> path.apply(DataPathState.EMPTY));
    }

    @Test
    void shouldGiveItsPortBackWhenWhoOpensItIsInterrupted() {
        DataPathConfig other = new DataPathConfig("other", VTEP, FreePort.udp(), Optional.empty(), Optional.empty(), PipelineSpec.DEFAULT);
        Thread.currentThread().interrupt();
        try {
            provider.open(other).close(); // its thread may have been quicker than who waits for it
        } catch (WeftException.DataPathFailed e) {
            assertTrue(e.getMessage().contains("interrupted"), e.getMessage());
        } finally {
            assertTrue(Thread.interrupted(), "it does not keep that to itself");
        }
        provider.open(other).close();
    }

    @Test
    void shouldSayWhyItCannotWork() {
        DataPathConfig elsewhere = new DataPathConfig("test", InetAddress.ofLiteral("192.0.2.77"), 4789, Optional.empty(),
                Optional.empty(), PipelineSpec.DEFAULT);
        Capabilities found = provider.probe(elsewhere);
        assertFalse(found.usable());
        assertTrue(found.reason().contains("192.0.2.77"), found.reason());
        assertThrows(WeftException.DataPathUnavailable.class, () -> provider.open(elsewhere));
    }

    @Test
    void shouldCountForEveryPort() {
        path.apply(state(1, 1450, inProcess(A)));
        List<String> scopes = path.counters().counters().stream().flatMap(counter -> Stream.of(counter.scope())).distinct().toList();
        assertTrue(scopes.contains("uplink") && scopes.contains("endpoint:a@256"), scopes.toString());
        assertEquals(0, path.counters().value("poller", "failures"));
    }
}
