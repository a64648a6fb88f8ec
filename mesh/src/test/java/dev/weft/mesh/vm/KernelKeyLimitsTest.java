package dev.weft.mesh.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cipher;
import dev.weft.api.path.SaLimit;
import dev.weft.api.path.SaUsage;
import dev.weft.mesh.Await;
import dev.weft.testing.PairKeys;
import dev.weft.testing.Shell;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How much the kernel protects with a key, for how long, and that nobody uses one again that it has lost. */
@Tag("vm")
class KernelKeyLimitsTest extends KernelHost {

    /** Of UDP, VXLAN and Ethernet around a ping of 56 bytes, as the kernel counts. */
    private static final int PING = 8 + 8 + 14 + 84;
    /** The kernel path leaves room for one packet of this size. */
    private static final int LONGEST = 65_535;

    @Test
    void shouldNotExceedTheLimitOfAnSaNorUseAnIvTwice() throws IOException {
        PairKeys keys = openWithKeys(false, Cipher.AES_128_GCM, false, new SaLimit(50, 1L << 40), 0);
        try (Wire wire = Wire.watch(hosts.host(2), directory)) {
            Shell.tryRun(Shell.inside(a.container(), "ping", "-q", "-c", "30", "-i", "0.01", "-W", "1", b.ipv4()));
            keys.silence();
            make();
            keys.switchOver();
            make(); // the same key again: it goes on where it was, or not at all
            Shell.tryRun(Shell.inside(a.container(), "ping", "-q", "-c", "60", "-i", "0.01", "-W", "1", b.ipv4()));
            List<String> sequences = wire.sequences(keys.to(2).spiHex());
            assertEquals(sequences.stream().distinct().count(), sequences.size());
            assertTrue(sequences.size() <= 50 && sequences.size() >= 30, sequences.toString());
            wire.assertNothingButEsp();
        }
    }

    @Test
    void shouldNotExceedTheLimitOfBytesWhenAKeyComesBack() throws IOException {
        PairKeys keys = openWithKeys(false, Cipher.AES_128_GCM, false, new SaLimit(1L << 40, LONGEST + 40 * PING), 0);
        try (Wire wire = Wire.watch(hosts.host(2), directory)) {
            Shell.tryRun(Shell.inside(a.container(), "ping", "-q", "-c", "20", "-i", "0.01", "-W", "1", b.ipv4()));
            keys.silence();
            make();
            keys.switchOver();
            make(); // what was sent between the look at the key and its removal nobody knows: it is as good as used up
            Shell.tryRun(Shell.inside(a.container(), "ping", "-q", "-c", "60", "-i", "0.01", "-W", "1", b.ipv4()));
            int sent = wire.sequences(keys.to(2).spiHex()).size();
            assertTrue(sent >= 20 && sent <= 41, sent + " packets");
            wire.assertNothingButEsp();
        }
        assertUsedUp(true);
    }

    @Test
    void shouldEndKeysWithTheirLifeThoughNobodyIsLeftToTakeThemOut() throws IOException {
        PairKeys keys = open(false, Cipher.AES_128_GCM, false, new SaLimit(1L << 40, 1L << 46, Duration.ofSeconds(20)), 0);
        make(); // all but the keys, whose life begins when they are drawn
        keys.offer();
        keys.switchOver();
        hosts.handMade().states(VNI);
        make();
        String states = Shell.words("ip -n " + hosts.host(1) + " -s xfrm state");
        assertTrue(states.contains("expire add: soft 0(sec), hard "), states);
        Shell.in(a.container(), "ping", "-q", "-c", "3", "-i", "0.05", "-w", "60", b.ipv4());
        Await.until("the kernel has removed them", () -> !Shell.words("ip -n " + hosts.host(1) + " xfrm state").contains("proto esp"));
        try (Wire wire = Wire.watch(hosts.host(2), directory)) {
            assertLost(a.container(), b.ipv4());
            wire.assertNothingFrom(hosts.vtep(1));
        }
        assertUsedUp(true);
        assertUsedUp(false);
    }

    @Test
    void shouldSayThatKeysAreOfNoUseThatSomebodyFlushed() {
        openWithKeys(false, Cipher.AES_128_GCM, false, SaLimit.DEFAULT, 0);
        assertTrue(path.saUsage().stream().allMatch(usage -> usage.sequence() < 100), path.saUsage().toString());
        Shell.words("ip -n " + hosts.host(1) + " xfrm state flush");
        assertUsedUp(true);
        assertUsedUp(false);
    }

    /** Whoever makes keys replaces those. */
    private void assertUsedUp(boolean outbound) {
        List<SaUsage> usage = path.saUsage().stream().filter(each -> each.outbound() == outbound).toList();
        assertEquals(List.of(Long.MAX_VALUE), usage.stream().map(SaUsage::sequence).toList());
    }
}
