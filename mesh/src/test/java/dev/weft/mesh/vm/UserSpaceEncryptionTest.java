package dev.weft.mesh.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cipher;
import dev.weft.api.DataPathKind;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.SaLimit;
import dev.weft.api.path.SaUsage;
import dev.weft.testing.PairKeys;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** ESP of the user-space stages to the kernel's IPsec and back, past sequence number 2^32. */
@Tag("vm")
class UserSpaceEncryptionTest extends EncryptedHosts {

    private DataPath near;

    @Test
    void shouldSpeakWithTheKernelPathOverASocket() throws IOException {
        toKernelPath(DataPathKind.SOCKET, Cipher.AES_128_GCM, true);
        try (Wire wire = Wire.watch(hosts.host(2), directory)) {
            pingBothWays();
            transferBothWays();
            wire.assertNothingButEspInUdp();
        }
        assertPastTheWrap();
    }

    /** No packet for packet count: an emulated processor that everybody shares loses some at the packet socket below DPDK. */
    @Test
    void shouldSpeakWithTheKernelPathOverDpdk() throws IOException {
        toKernelPath(DataPathKind.DPDK, Cipher.AES_128_GCM, false);
        try (Wire wire = Wire.watch(hosts.host(2), directory)) {
            transferBothWays();
            pingUntilAnswered();
            wire.assertNothingButEsp();
        }
        assertPastTheWrap();
    }

    private void toKernelPath(DataPathKind kind, Cipher cipher, boolean udp) {
        PairKeys keys = wire(false, cipher, udp, SaLimit.DEFAULT, NEAR_WRAP);
        b = hosts.member("b", VNI, 2, 11);
        keys.offer();
        keys.switchOver();
        DataPath far = hosts.open(2, DataPathKind.KERNEL);
        assertEquals(Optional.empty(), far.clearOnly());
        assertEquals(Map.of(), far.apply(hosts.state(2)));
        open(kind);
    }

    private void open(DataPathKind kind) {
        near = hosts.open(1, kind);
        assertEquals(Optional.empty(), near.clearOnly());
        assertEquals(Map.of(), near.apply(hosts.state(1)));
        pingUntilAnswered();
    }

    private void assertPastTheWrap() {
        List<SaUsage> usage = near.saUsage();
        assertEquals(2, usage.size());
        assertTrue(usage.stream().allMatch(sa -> sa.sequence() > 1L << 32), usage.toString());
    }
}
