package dev.weft.mesh.contract;

import dev.weft.api.DataPathKind;
import dev.weft.testing.PairContract;
import org.junit.jupiter.api.Tag;

/** The underlay is IPv6: 70 bytes of overhead. */
@Tag("privileged")
class KernelToKernelOverIpv6Test extends PairContract {

    @Override
    protected DataPathKind near() {
        return DataPathKind.KERNEL;
    }

    @Override
    protected DataPathKind far() {
        return DataPathKind.KERNEL;
    }

    @Override
    protected boolean ipv6Underlay() {
        return true;
    }
}
