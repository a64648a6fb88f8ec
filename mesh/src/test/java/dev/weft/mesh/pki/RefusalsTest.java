package dev.weft.mesh.pki;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.counter.CounterSnapshot;
import java.net.InetAddress;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class RefusalsTest {

    private static final InetAddress PEER = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress OTHER = InetAddress.ofLiteral("192.0.2.2");

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    private final Refusals refusals = new Refusals(now::get);

    @Test
    void shouldCountEachAndSayWhereAndWhy() {
        refusals.count(ControlPort.MANAGEMENT, Refusal.WRONG_TOKEN, PEER, "");
        refusals.count(ControlPort.MANAGEMENT, Refusal.WRONG_TOKEN, OTHER, "");
        refusals.count(ControlPort.STORE, Refusal.EXPIRED, null, "");
        assertEquals(2, refusals.count(ControlPort.MANAGEMENT, Refusal.WRONG_TOKEN));
        CounterSnapshot counters = new CounterSnapshot(refusals.counters());
        assertEquals(2, counters.value("port:management", "refused:wrong-token"));
        assertEquals(1, counters.value("port:store", "refused:expired"));
        assertEquals(0, counters.value("port:store", "refused:wrong-token"));
        assertTrue(counters.counters().stream().anyMatch(each -> each.scope().equals("port:node")));
    }

    @Test
    void shouldTellOncePerKindAndPeerInAnHour() {
        assertTrue(refusals.count(ControlPort.STORE, Refusal.EXPIRED, PEER, ""));
        assertFalse(refusals.count(ControlPort.STORE, Refusal.EXPIRED, PEER, ""));
        assertTrue(refusals.count(ControlPort.STORE, Refusal.EXPIRED, OTHER, ""));
        assertTrue(refusals.count(ControlPort.STORE, Refusal.NOT_TLS, PEER, ""));
        now.set(Instant.EPOCH.plus(Refusals.QUIET));
        assertTrue(refusals.count(ControlPort.STORE, Refusal.EXPIRED, PEER, ""));
        assertEquals(4, refusals.count(ControlPort.STORE, Refusal.EXPIRED));
    }

    @Test
    void shouldForgetPeersWhenThereAreTooMany() {
        for (int i = 0; i < 5_000; i++) {
            InetAddress peer = InetAddress.ofLiteral("10." + i / 250 + ".0." + i % 250);
            assertTrue(refusals.count(ControlPort.STORE, Refusal.NOT_TLS, peer, ""));
        }
        assertTrue(refusals.count(ControlPort.STORE, Refusal.NOT_TLS, InetAddress.ofLiteral("10.0.0.0"), ""));
        assertEquals(5_001, refusals.count(ControlPort.STORE, Refusal.NOT_TLS));
    }
}
