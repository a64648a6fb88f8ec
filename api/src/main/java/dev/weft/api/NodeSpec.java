package dev.weft.api;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a node shall be; collected by {@link OverlayNode.Builder}.
 *
 * @param name          unique in the cluster
 * @param dataDirectory where the node keeps its identity and, on a manager, the cluster state; made when missing
 * @param advertise     control address; the cluster store listens there and nowhere else
 * @param vtep          data-path address
 * @param dataPath      what shall carry the packets
 * @param uplink        kernel interface, PCI address or DPDK vdev; empty: the interface that has the data-path address
 * @param managementPort 2377 by default, TCP
 * @param dataPathPort  4789 by default, UDP
 * @param pipeline      how the stages run in the user-space data paths
 */
public record NodeSpec(String name, Path dataDirectory, InetAddress advertise, InetAddress vtep, DataPathKind dataPath,
                       Optional<String> uplink, int managementPort, int dataPathPort, PipelineSpec pipeline) {

    public static final int DEFAULT_MANAGEMENT_PORT = 2377;
    /** RFC 7348, section 5. */
    public static final int DEFAULT_DATA_PATH_PORT = 4789;

    public NodeSpec {
        Names.checked("node", name);
        checkUnicast("advertise address", advertise);
        checkUnicast("data-path address", vtep);
        checkPort("management port", managementPort);
        checkPort("data-path port", dataPathPort);
    }

    private static void checkUnicast(String what, InetAddress address) {
        if (address.isAnyLocalAddress() || address.isMulticastAddress()) {
            throw new WeftException.InvalidSpec(what + " " + address.getHostAddress() + " is not an address that other nodes can reach");
        }
    }

    private static void checkPort(String what, int port) {
        if (port < 1 || port > 65535) {
            throw new WeftException.InvalidSpec(what + " " + port + " is out of range; take 1 to 65535");
        }
    }
}
