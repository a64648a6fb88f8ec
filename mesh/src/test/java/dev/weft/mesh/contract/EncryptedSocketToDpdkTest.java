package dev.weft.mesh.contract;

import dev.weft.api.Cipher;
import dev.weft.api.DataPathKind;
import dev.weft.testing.EncryptedContract;
import org.junit.jupiter.api.Tag;

@Tag("privileged")
class EncryptedSocketToDpdkTest extends EncryptedContract {

    @Override
    protected DataPathKind near() {
        return DataPathKind.SOCKET;
    }

    @Override
    protected DataPathKind far() {
        return DataPathKind.DPDK;
    }

    @Override
    protected Cipher cipher() {
        return Cipher.AES_256_GCM;
    }

    @Override
    protected boolean udp() {
        return true;
    }
}
