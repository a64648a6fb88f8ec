package dev.weft.kernel;

import dev.weft.api.path.NamespaceThreads;
import dev.weft.ffm.libc.NetworkNamespace;
import java.util.concurrent.Callable;

/** Threads that enter a namespace by setns(2) and end with their work. */
public final class KernelNamespaceThreads implements NamespaceThreads {

    @Override
    public <T> T call(String namespace, Callable<T> work) {
        try (NetworkNamespace inside = NetworkNamespace.open(namespace)) {
            return inside.call(work);
        }
    }
}
