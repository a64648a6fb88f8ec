package dev.weft.api.path;

import java.util.List;

/**
 * Removes what a node left in the operating system whose process was killed and that will not come back; found by
 * {@link java.util.ServiceLoader}. A node that comes back finds its own again, and needs none of this.
 */
public interface Leftovers {

    /**
     * Removes what is told by its name or mark to be of that node, in the network namespace of the calling thread. What keeps encrypted networks
     * closed goes last. Idempotent.
     *
     * @param nodeId of a node that does not run
     * @return what was removed, as a reader would look for it: {@code network namespace weft-0123abcd-4096}
     * @throws dev.weft.api.WeftException.PrivilegeMissing if this process may not
     * @throws dev.weft.api.WeftException.DataPathFailed   if the kernel refuses; what was removed before stays removed
     */
    List<String> remove(String nodeId);
}
