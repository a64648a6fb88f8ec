package dev.weft.api.path;

import dev.weft.api.GatewayBridgeSpec;

/** Offers gateway bridges; found by {@link java.util.ServiceLoader}. */
public interface GatewayBridgeProvider {

    /**
     * Opens a gateway bridge. Nothing is asked of the kernel before the first {@link GatewayBridge#apply}, so this works anywhere.
     *
     * @param config whose namespace is where the bridge is, and whose node id its interfaces are told by
     */
    GatewayBridge open(GatewayBridgeSpec spec, DataPathConfig config);
}
