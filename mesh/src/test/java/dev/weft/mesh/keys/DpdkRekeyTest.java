package dev.weft.mesh.keys;

import dev.weft.api.DataPathKind;
import org.junit.jupiter.api.Tag;

@Tag("privileged")
class DpdkRekeyTest extends RekeyBetweenHosts {

    @Override
    protected DataPathKind kind(int host) {
        return DataPathKind.DPDK;
    }
}
