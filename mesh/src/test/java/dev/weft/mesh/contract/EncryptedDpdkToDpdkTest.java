package dev.weft.mesh.contract;

import dev.weft.api.Cipher;
import dev.weft.api.DataPathKind;
import dev.weft.testing.EncryptedContract;
import org.junit.jupiter.api.Tag;

@Tag("privileged")
class EncryptedDpdkToDpdkTest extends EncryptedContract {

    @Override
    protected DataPathKind near() {
        return DataPathKind.DPDK;
    }

    @Override
    protected DataPathKind far() {
        return DataPathKind.DPDK;
    }

    @Override
    protected Cipher cipher() {
        return Cipher.AES_128_GCM;
    }

    @Override
    protected boolean udp() {
        return false;
    }
}
