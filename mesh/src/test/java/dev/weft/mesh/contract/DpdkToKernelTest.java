package dev.weft.mesh.contract;

import dev.weft.api.DataPathKind;
import dev.weft.testing.OverlayContract;
import org.junit.jupiter.api.Tag;

@Tag("privileged")
class DpdkToKernelTest extends OverlayContract {

    @Override
    protected DataPathKind near() {
        return DataPathKind.DPDK;
    }

    @Override
    protected DataPathKind far() {
        return DataPathKind.KERNEL;
    }
}
