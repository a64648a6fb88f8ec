package dev.weft.mesh.keys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.DataPathKind;
import dev.weft.api.PipelineSpec;
import dev.weft.api.counter.DropReason;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathProvider;
import dev.weft.mesh.Await;
import dev.weft.mesh.pki.CertificateAuthority;
import dev.weft.testing.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

/** Over sockets, on loopback. One node's packet path is fused, the other's has workers. */
class RekeyUnderLoadTest extends RekeyContract {

    /** And some minutes: keys are to be replaced after one, and over after two, however slow the machine is. */
    private static final Duration HALF_A_LIFE = USUAL.rekeyAfter().plusMinutes(10);

    @Override
    protected KeyedNode.Pair pair(KeyLimits limits) throws IOException {
        int overlayPort = FreePort.udp();
        int espPort = FreePort.udp();
        DataPathProvider provider = ServiceLoader.load(DataPathProvider.class).stream().map(ServiceLoader.Provider::get)
                .filter(each -> each.kind() == DataPathKind.SOCKET).findFirst().orElseThrow();
        return KeyedNode.Pair.of(limits, RekeyUnderLoadTest::vtep, number -> provider.open(new DataPathConfig(KeyedNode.id(number), vtep(number),
                overlayPort, espPort, Optional.empty(), Optional.empty(), number == 1 ? PipelineSpec.DEFAULT : new PipelineSpec(2, false))), true);
    }

    private static InetAddress vtep(int number) {
        return InetAddress.ofLiteral("127.0.0." + (number + 1));
    }

    @Test
    void shouldKeepEveryKeyWithinItsLimitAndAccountForEveryFrame() throws IOException {
        start(pair(new KeyLimits(Duration.ofHours(12), 1L << 40, 30, Duration.ofSeconds(2))));
        long most = new KeyLimits(Duration.ofHours(12), 1L << 40, 30, Duration.ofSeconds(2)).most(1).packets();
        for (int i = 0; i < 100; i++) {
            loadFor(50);
            there.lookForDrops();
            back.lookForDrops();
            for (KeyedNode node : List.of(one, two)) {
                node.path().saUsage().forEach(usage -> assertTrue(usage.sequence() <= most, usage.toString()));
            }
        }
        there.settle();
        back.settle();
        assertTrue(there.dropped > 0 && there.arrived > most, "it met the limit, and went on with other keys: " + there.dropped + ", "
                + there.arrived);
        assertEquals(0, one.dropped(DropReason.UNKNOWN_SPI) + two.dropped(DropReason.UNKNOWN_SPI) + one.dropped(DropReason.REPLAYED)
                + two.dropped(DropReason.REPLAYED));
    }

    @Test
    void shouldGoOnWithoutDaemonsWithinTheLifeOfTheKeysAndThenStop() throws IOException {
        assertGoesOnForTheLifeOfTheKeys(() -> two.stopDaemon(), () -> two.startDaemon());
    }

    @Test
    void shouldGoOnWithCertificatesThatAreOverWithinTheLifeOfTheKeysAndThenStop() throws IOException {
        assertGoesOnForTheLifeOfTheKeys(() -> {
            one.setClockAhead(CertificateAuthority.NODE_VALIDITY.plusDays(1));
            two.setClockAhead(CertificateAuthority.NODE_VALIDITY.plusDays(1));
        }, () -> {
            one.setClockAhead(Duration.ZERO);
            two.setClockAhead(Duration.ofMillis(TEN_MINUTES));
        });
    }

    private void letTimePass(Duration time) {
        one.letTimePass(time);
        two.letTimePass(time);
    }

    /** @param cut the nodes cannot talk about keys any more @param heal they can again */
    private void assertGoesOnForTheLifeOfTheKeys(Runnable cut, Runnable heal) throws IOException {
        start(pair(USUAL));
        cut.run();
        Await.until("they do not talk any more", () -> !one.ring().missing().isEmpty() && !two.ring().missing().isEmpty());
        letTimePass(HALF_A_LIFE);
        loadFor(500);
        there.settle();
        back.settle();
        assertEquals(0, there.dropped + back.dropped, "the life of the keys is not over");
        letTimePass(HALF_A_LIFE);
        Await.until("the keys are gone", () -> spis(one).isEmpty() && spis(two).isEmpty());
        Await.until("from the data path too", () -> one.path().saUsage().stream().noneMatch(each -> each.outbound()));
        long arrived = there.arrived;
        long before = one.dropped(DropReason.NO_SA);
        assertTrue(one.send(0, PAYLOAD));
        Await.until("dropped", () -> one.dropped(DropReason.NO_SA) == before + 1);
        there.sent++;
        there.settle();
        assertEquals(arrived, there.arrived);
        heal.run();
        Await.until("keys again", () -> one.isReady() && two.isReady());
        loadFor(500);
        there.settle();
        assertTrue(there.arrived > arrived);
        assertEquals(0, one.dropped(DropReason.CLEAR_TEXT) + two.dropped(DropReason.CLEAR_TEXT));
    }
}
