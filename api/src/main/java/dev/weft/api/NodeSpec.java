package dev.weft.api;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a node shall be; collected by {@link NodeBuilder}.
 *
 * @param name          unique in the cluster
 * @param dataDirectory where the node keeps its identity and, on a manager, the cluster state; made when missing
 * @param advertise     control address; the node's TCP ports are there and nowhere else
 * @param vtep          data-path address
 * @param dataPath      what shall carry the packets
 * @param uplink        kernel interface (for DPDK also with {@code af_xdp:} or {@code af_packet:} before it), PCI address or DPDK vdev; empty:
 *                      the interface that has the data-path address
 * @param ports         what listens at the advertise address
 * @param dataPathPort  4789 by default, UDP
 * @param pipeline      how the stages run in the user-space data paths
 * @param resolvers     who is asked, in that order, for names outside of the node's networks; empty: the name servers of the host
 * @param encryption    how the node takes part in encrypted networks
 * @param gatewayBridge the way out for endpoints in network namespaces
 * @param subnetPool    of the cluster that the node begins; a cluster that is there has its own
 */
public record NodeSpec(String name, Path dataDirectory, InetAddress advertise, InetAddress vtep, DataPathKind dataPath,
                       Optional<String> uplink, ControlPorts ports, int dataPathPort, PipelineSpec pipeline,
                       List<InetSocketAddress> resolvers, EncryptionSpec encryption, GatewayBridgeSpec gatewayBridge, SubnetPoolSpec subnetPool) {

    /** RFC 7348, section 5. */
    public static final int DEFAULT_DATA_PATH_PORT = 4789;

    /** RFC 1035, 4.2. */
    public static final int DEFAULT_RESOLVER_PORT = 53;

    public NodeSpec {
        resolvers = List.copyOf(resolvers);
        resolvers.stream().filter(server -> server.isUnresolved() || server.getPort() == 0).findFirst().ifPresent(server -> {
            throw new WeftException.InvalidSpec("'" + server + "' is no name server to ask; it takes a resolved address and a port");
        });
        Names.checked("node", name);
        checkUnicast("advertise address", advertise);
        checkUnicast("data-path address", vtep);
        if (dataPathPort < 1 || dataPathPort > 65535) {
            throw new WeftException.InvalidSpec("data-path port " + dataPathPort + " is out of range; take 1 to 65535");
        }
    }

    private static void checkUnicast(String what, InetAddress address) {
        if (address.isAnyLocalAddress() || address.isMulticastAddress()) {
            throw new WeftException.InvalidSpec(what + " " + address.getHostAddress() + " is not an address that other nodes can reach");
        }
    }
}
