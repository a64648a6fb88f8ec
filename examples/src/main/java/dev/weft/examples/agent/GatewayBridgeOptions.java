package dev.weft.examples.agent;

import dev.weft.api.Cidr;
import dev.weft.api.GatewayBridgeSpec;
import dev.weft.api.NodeBuilder;
import java.util.List;
import picocli.CommandLine.Option;

/** The way out for endpoints in network namespaces. */
final class GatewayBridgeOptions {

    @Option(names = "--gwbridge", paramLabel = "NAME",
            description = "the bridge over which endpoints in namespaces get out; one that is there is taken as it is; weft_gwbridge otherwise")
    private String name = GatewayBridgeSpec.DEFAULT.name();
    @Option(names = "--gwbridge-subnet", paramLabel = "CIDR", description = "of the bridge, IPv4; a free one otherwise")
    private String subnet;
    @Option(names = "--gwbridge-opt", paramLabel = "KEY=true|false",
            description = "enable_ip_masquerade (true otherwise): endpoints show the node's address; enable_icc (false otherwise): endpoints reach"
                    + " each other over the bridge")
    private List<String> options = List.of();

    void fill(NodeBuilder builder) {
        GatewayBridgeSpec spec = GatewayBridgeSpec.DEFAULT.withName(name);
        if (subnet != null) {
            spec = spec.withSubnet(Cidr.parse(subnet));
        }
        for (String option : options) {
            spec = spec.withOption(option);
        }
        builder.gatewayBridge(spec);
    }
}
