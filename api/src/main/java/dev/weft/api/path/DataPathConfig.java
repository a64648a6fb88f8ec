package dev.weft.api.path;

import dev.weft.api.PipelineSpec;
import java.net.InetAddress;
import java.util.Optional;

/**
 * What a data path needs to open.
 *
 * @param nodeId    unique among the nodes of this machine; names of kernel objects are derived from it
 * @param vtep      data-path address
 * @param port      UDP port of the underlay, 4789 by default
 * @param espPort   UDP port for ESP in UDP (RFC 3948), 4500 by default
 * @param uplink    see {@link UplinkKind}; empty: the interface that has the data-path address
 * @param namespace path of the network namespace that the uplink is in; empty: the one of the calling thread
 */
public record DataPathConfig(String nodeId, InetAddress vtep, int port, int espPort, Optional<String> uplink,
                             Optional<String> namespace, PipelineSpec pipeline) {

    /** RFC 3948, section 2.1: the port of IKE's NAT traversal. */
    public static final int DEFAULT_ESP_PORT = 4500;

    /** With the default port for ESP in UDP. */
    public DataPathConfig(String nodeId, InetAddress vtep, int port, Optional<String> uplink, Optional<String> namespace, PipelineSpec pipeline) {
        this(nodeId, vtep, port, DEFAULT_ESP_PORT, uplink, namespace, pipeline);
    }
}
