package dev.weft.mesh.contract;

import dev.weft.api.DataPathKind;
import dev.weft.testing.HandMadeVxlanContract;
import org.junit.jupiter.api.Tag;

@Tag("privileged")
class KernelToHandMadeVxlanTest extends HandMadeVxlanContract {

    @Override
    protected DataPathKind near() {
        return DataPathKind.KERNEL;
    }
}
