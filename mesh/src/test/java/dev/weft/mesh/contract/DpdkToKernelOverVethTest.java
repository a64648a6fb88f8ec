package dev.weft.mesh.contract;

import dev.weft.api.DataPathKind;
import dev.weft.testing.PairContract;
import org.junit.jupiter.api.Tag;

/** The link is a veth as it comes: super-frames, and checksums that nobody finished. */
@Tag("privileged")
class DpdkToKernelOverVethTest extends PairContract {

    @Override
    protected DataPathKind near() {
        return DataPathKind.DPDK;
    }

    @Override
    protected DataPathKind far() {
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
