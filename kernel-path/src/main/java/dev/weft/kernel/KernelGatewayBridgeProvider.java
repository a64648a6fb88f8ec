package dev.weft.kernel;

import dev.weft.api.GatewayBridgeSpec;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.GatewayBridge;
import dev.weft.api.path.GatewayBridgeProvider;
import dev.weft.kernel.gwbridge.KernelGatewayBridge;

/** Opens the gateway bridge; its privileges are only asked for when an endpoint needs it. */
public final class KernelGatewayBridgeProvider implements GatewayBridgeProvider {

    @Override
    public GatewayBridge open(GatewayBridgeSpec spec, DataPathConfig config) {
        return new KernelGatewayBridge(spec, config, new KernelNames(config.nodeId()).gatewayBridgeTable());
    }
}
