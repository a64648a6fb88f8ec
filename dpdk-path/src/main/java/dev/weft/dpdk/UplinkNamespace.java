package dev.weft.dpdk;

import dev.weft.api.WeftException;
import dev.weft.ffm.libc.NetworkNamespace;
import java.util.Optional;
import java.util.concurrent.Callable;

/** The network namespace that an uplink is opened in. */
final class UplinkNamespace {

    private UplinkNamespace() {
    }

    /** @param path empty: the namespace of the calling thread */
    static <T> T call(Optional<String> path, Callable<T> work) {
        if (path.isPresent()) {
            try (NetworkNamespace namespace = NetworkNamespace.open(path.get())) {
                return namespace.call(work);
            }
        }
        try {
            return work.call();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new WeftException.DataPathFailed("cannot open the uplink: " + e.getMessage(), e);
        }
    }
}
