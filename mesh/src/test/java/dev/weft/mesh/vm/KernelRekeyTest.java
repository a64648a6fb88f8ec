package dev.weft.mesh.vm;

import dev.weft.api.DataPathKind;
import dev.weft.mesh.keys.RekeyBetweenHosts;
import java.util.Map;
import org.junit.jupiter.api.Tag;

/** The kernel's IPsec at both hosts. */
@Tag("vm")
class KernelRekeyTest extends RekeyBetweenHosts {

    @Override
    protected DataPathKind kind(int host) {
        return DataPathKind.KERNEL;
    }

    @Override
    protected int restarts() {
        return 1;
    }

    @Override
    protected Map<String, Long> lostInKernels() {
        return KernelLosses.read();
    }
}
