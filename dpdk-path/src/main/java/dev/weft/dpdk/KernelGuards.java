package dev.weft.dpdk;

import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.wire.IpProtocol;
import dev.weft.dpdk.underlay.KernelPortGuard;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What keeps a kernel that has the data-path address from answering the overlay's packets: VXLAN's port, ESP's port, ESP itself.
 *
 * @param clearOnly why ESP is somebody else's here; empty: it is ours
 */
record KernelGuards(List<KernelPortGuard> held, Optional<String> clearOnly) implements AutoCloseable {

    /** No kernel has the address. */
    static final KernelGuards NONE = new KernelGuards(List.of(), Optional.empty());

    /**
     * Binds in the network namespace of the calling thread.
     *
     * @throws WeftException.PortInUse if somebody has the overlay's port
     */
    static KernelGuards bind(DataPathConfig config) {
        List<KernelPortGuard> held = new ArrayList<>(List.of(KernelPortGuard.bind(config.vtep(), config.port())));
        try {
            held.add(KernelPortGuard.bind(config.vtep(), config.espPort()));
            held.add(KernelPortGuard.bindProtocol(config.vtep(), IpProtocol.ESP));
            return new KernelGuards(held, Optional.empty());
        } catch (WeftException e) {
            return new KernelGuards(held, Optional.of(e.getMessage()));
        }
    }

    @Override
    public void close() {
        held.forEach(KernelPortGuard::close);
    }
}
