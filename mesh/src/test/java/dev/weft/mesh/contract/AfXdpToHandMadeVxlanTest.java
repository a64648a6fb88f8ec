package dev.weft.mesh.contract;

import dev.weft.api.DataPathKind;
import dev.weft.testing.HandMadeVxlanContract;
import org.junit.jupiter.api.Tag;

/** The uplink is an interface of the kernel by AF_XDP. */
@Tag("privileged")
class AfXdpToHandMadeVxlanTest extends HandMadeVxlanContract {

    @Override
    protected DataPathKind near() {
        return DataPathKind.DPDK;
    }

    @Override
    protected void openFar() {
        hosts.uplink(1, "af_xdp:up0");
        super.openFar();
    }
}
