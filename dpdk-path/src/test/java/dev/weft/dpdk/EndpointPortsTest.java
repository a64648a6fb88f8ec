package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.MacAddress;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.SubnetState;
import dev.weft.dpdk.pipeline.FusedPipeline;
import dev.weft.dpdk.pipeline.Poller;
import dev.weft.dpdk.pipeline.Wakeup;
import dev.weft.dpdk.port.ArenaPool;
import dev.weft.dpdk.port.Port;
import dev.weft.dpdk.port.Ports;
import dev.weft.dpdk.port.TapInterfaces;
import dev.weft.dpdk.stage.Transmit;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** With a poller that the test steps. */
class EndpointPortsTest {

    private static final int VNI = 256;
    private static final EndpointId A = new EndpointId(VNI, "a");
    private static final DataPathState STATE = new DataPathState(1, List.of(new NetworkState("blue", VNI, 1450, NetworkState.gatewayMacOf(VNI),
            List.of(new SubnetState(Cidr.parse("10.9.0.0/24"), InetAddress.ofLiteral("10.9.0.1"))),
            List.of(new LocalEndpoint(A, new MacAddress(0x0257_0000_0061L), List.of(InetAddress.ofLiteral("10.9.0.97")),
                    new Attachment.InProcess())), List.of(), List.of())));

    private final ArenaPool pool = new ArenaPool(512, 2048);
    private final Ports ports = new Ports();
    private final Poller poller = new Poller(ports, new FusedPipeline(List.of(), List.of(), new Transmit(ports, pool)), pool, () -> 0, List.of());
    /** Whether who waits for the poller is interrupted: the command is left by then. */
    private boolean interrupted;
    private final EndpointPorts endpoints = new EndpointPorts(pool, new TapInterfaces(Optional.empty()), new EndpointPorts.Owner() {
        @Override
        public void add(int index, Port port) {
            poller.addPort(index, port);
            await();
        }

        @Override
        public void remove(int index) {
            poller.removePort(index);
            await();
        }

        @Override
        public Wakeup wakeup() {
            return Wakeup.naps();
        }
    }, Ports.FIRST_ENDPOINT, Ports.CAPACITY);

    private void await() {
        if (interrupted) {
            throw new WeftException.DataPathFailed("interrupted while the packet path takes a command");
        }
        poller.step();
    }

    @Test
    void shouldTakeBackAPortThatItDidNotHearOf() {
        interrupted = true;
        assertTrue(endpoints.reconcile(STATE).containsKey(A));
        interrupted = false;
        poller.step();
        for (int index = 0; index < Ports.CAPACITY; index++) {
            assertNull(ports.get(index), "a port that nobody knows of");
        }
        assertEquals(Map.of(), endpoints.reconcile(STATE));
        int second = endpoints.port(A);
        assertNotEquals(Ports.FIRST_ENDPOINT, second, "tables may still name the first ones");
        assertEquals(ports.get(second).name(), "endpoint:" + A);
        endpoints.settle();
        assertEquals(Map.of(), endpoints.reconcile(DataPathState.EMPTY));
        endpoints.settle();
        assertEquals(Map.of(), endpoints.reconcile(STATE));
        assertEquals(Ports.FIRST_ENDPOINT, Math.min(endpoints.port(A), endpoints.port(EndpointId.ofGateway(VNI))), "and are given again");
    }
}
