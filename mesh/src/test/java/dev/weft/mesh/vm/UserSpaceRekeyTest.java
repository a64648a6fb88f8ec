package dev.weft.mesh.vm;

import dev.weft.api.DataPathKind;
import dev.weft.mesh.keys.RekeyBetweenHosts;
import java.util.Map;
import org.junit.jupiter.api.Tag;

/** The kernel's IPsec at one host and the stages of user space at the other, over a socket. Fewer keys, for it is emulated time. */
@Tag("vm")
class UserSpaceRekeyTest extends RekeyBetweenHosts {

    @Override
    protected DataPathKind kind(int host) {
        return host == 1 ? DataPathKind.KERNEL : DataPathKind.SOCKET;
    }

    @Override
    protected boolean udp() {
        return true;
    }

    @Override
    protected int rekeys() {
        return 50;
    }

    @Override
    protected int restarts() {
        return 0;
    }

    @Override
    protected Map<String, Long> lostInKernels() {
        return KernelLosses.read();
    }
}
