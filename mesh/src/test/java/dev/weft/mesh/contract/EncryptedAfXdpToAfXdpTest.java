package dev.weft.mesh.contract;

import dev.weft.api.Cipher;
import dev.weft.api.DataPathKind;
import dev.weft.api.path.SaLimit;
import dev.weft.testing.PairContract;
import dev.weft.testing.PairKeys;
import org.junit.jupiter.api.Tag;

/** Both uplinks are interfaces of the kernel by AF_XDP; ESP in UDP over IPv6 goes between them. */
@Tag("privileged")
class EncryptedAfXdpToAfXdpTest extends PairContract {

    private static final long SEED = 20_261_126;

    @Override
    protected DataPathKind near() {
        return DataPathKind.DPDK;
    }

    @Override
    protected DataPathKind far() {
        return DataPathKind.DPDK;
    }

    @Override
    protected boolean ipv6Underlay() {
        return true;
    }

    @Override
    protected void openFar() {
        PairKeys keys = new PairKeys(Cipher.AES_256_GCM, true, SaLimit.DEFAULT, 0, SEED);
        keys.offer();
        keys.switchOver();
        hosts.encrypt(VNI, Cipher.AES_256_GCM, keys);
        hosts.uplink(1, "af_xdp:up0");
        hosts.uplink(2, "af_xdp:up0");
        super.openFar();
    }

    /** Not run: no packet socket sees what AF_XDP sends, nor what it takes at the other end. */
    @Override
    protected void shouldPutNothingOnTheWireThatTsharkDislikes() {
    }
}
