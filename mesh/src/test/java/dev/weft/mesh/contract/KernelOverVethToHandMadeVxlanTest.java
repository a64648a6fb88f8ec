package dev.weft.mesh.contract;

import dev.weft.api.DataPathKind;
import dev.weft.testing.HandMadeVxlanContract;
import org.junit.jupiter.api.Tag;

/** The link is a veth as it comes: super-frames, and checksums that nobody finished. */
@Tag("privileged")
class KernelOverVethToHandMadeVxlanTest extends HandMadeVxlanContract {

    @Override
    protected DataPathKind near() {
        return DataPathKind.KERNEL;
    }

    @Override
    protected void openFar() {
        hosts.leaveWorkUndone();
        super.openFar();
    }

    /** Not run: on such a link checksums are wrong by design. */
    @Override
    protected void shouldPutNothingOnTheWireThatTsharkDislikes() {
    }
}
