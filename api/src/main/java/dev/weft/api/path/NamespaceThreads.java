package dev.weft.api.path;

import java.util.concurrent.Callable;

/** Works inside network namespaces; found by {@link java.util.ServiceLoader}. Thread-safe. */
public interface NamespaceThreads {

    /**
     * Does the work on a thread of its own inside the namespace, and returns what it returned; what it throws unchecked passes.
     *
     * @param namespace a name under /run/netns, or a path
     * @throws dev.weft.api.WeftException.NotFound         if there is none
     * @throws dev.weft.api.WeftException.PrivilegeMissing if this process may not enter it
     */
    <T> T call(String namespace, Callable<T> work);
}
