package dev.weft.dpdk.esp;

import dev.weft.api.path.SaKey;

/** One implementation of AES-GCM. Which one a data path uses, {@link GcmEngines} decides. */
public interface GcmEngine {

    /** How options name it: {@code ipsec-mb}, say. */
    String label();

    /** Label and release, and what else tells installations apart. */
    String description();

    /**
     * Expands a key for one thread. It is closed when its SA goes.
     *
     * @throws IllegalStateException if the key was wiped
     */
    GcmKey expand(SaKey key);
}
