package dev.weft.kernel.nft;

import dev.weft.api.path.NetworkState;
import dev.weft.ffm.libc.NetworkNamespace;

/** The nf_tables rules inside a network's namespace. */
public final class NetworkRules {

    private NetworkRules() {
    }

    /** Makes the rules of the network so, in its namespace. */
    public static void reconcile(NetworkNamespace namespace, NetworkState network) {
    }
}
