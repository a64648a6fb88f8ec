package dev.weft.examples.agent;

import dev.weft.api.ControlPorts;
import dev.weft.api.NodeBuilder;
import dev.weft.api.NodeSpec;
import picocli.CommandLine.Option;

/** The ports of {@code weft node}. */
final class PortOptions {

    @Option(names = "--management-port", paramLabel = "PORT", defaultValue = "2377", description = "TCP, managers: join, requests (${DEFAULT-VALUE})")
    private int management;
    @Option(names = "--store-port", paramLabel = "PORT", defaultValue = "2378", description = "TCP, managers: cluster store (${DEFAULT-VALUE})")
    private int store;
    @Option(names = "--quorum-port", paramLabel = "PORT", defaultValue = "2379", description = "TCP, between managers (${DEFAULT-VALUE})")
    private int quorum;
    @Option(names = "--election-port", paramLabel = "PORT", defaultValue = "2380", description = "TCP, between managers (${DEFAULT-VALUE})")
    private int election;
    @Option(names = "--node-port", paramLabel = "PORT", defaultValue = "7946", description = "TCP, between nodes (${DEFAULT-VALUE})")
    private int node;
    @Option(names = "--data-path-port", paramLabel = "PORT", defaultValue = "" + NodeSpec.DEFAULT_DATA_PATH_PORT,
            description = "UDP, VXLAN; the same on all nodes (${DEFAULT-VALUE})")
    private int dataPath;

    void fill(NodeBuilder builder) {
        builder.ports(new ControlPorts(management, store, quorum, election, node)).dataPathPort(dataPath);
    }
}
