package dev.weft.kernel.nft;

import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathState;
import dev.weft.ffm.libc.NetworkNamespace;

/** The nf_tables rules in the uplink's namespace: who may send what to the VXLAN port. */
public final class UnderlayRules {

    private UnderlayRules() {
    }

    /** Makes the rules so; none for a state without networks. */
    public static void reconcile(NetworkNamespace namespace, DataPathConfig config, DataPathState state) {
    }
}
