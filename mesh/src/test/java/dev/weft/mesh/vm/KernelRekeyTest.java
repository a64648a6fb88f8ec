package dev.weft.mesh.vm;

import dev.weft.api.DataPathKind;
import dev.weft.mesh.keys.RekeyBetweenHosts;
import org.junit.jupiter.api.Tag;

/** The kernel's IPsec at both hosts. An emulated processor takes its time for each handshake: fewer keys than elsewhere. */
@Tag("vm")
class KernelRekeyTest extends RekeyBetweenHosts {

    @Override
    protected DataPathKind kind(int host) {
        return DataPathKind.KERNEL;
    }

    @Override
    protected int rekeys() {
        return 20;
    }

    @Override
    protected int restarts() {
        return 1;
    }
}
