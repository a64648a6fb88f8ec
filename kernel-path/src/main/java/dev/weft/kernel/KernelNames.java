package dev.weft.kernel;

import dev.weft.api.path.EndpointId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.OptionalInt;

/**
 * What the kernel objects of a node are called. A restarted node finds its own again by these names, so they follow from the
 * state alone.
 */
final class KernelNames {

    static final String BRIDGE = "br0";
    static final String VXLAN = "vxlan0";
    /** First letter of the port of every endpoint. */
    private static final String PORT_PREFIX = "p";
    private static final int NODE_ID_LENGTH = 8;
    private static final int PORT_HASH_LENGTH = 6;

    private final String prefix;

    KernelNames(String nodeId) {
        prefix = "weft-" + nodeId.substring(0, Math.min(NODE_ID_LENGTH, nodeId.length())) + "-";
    }

    /** The nf_tables table in the uplink's namespace. */
    String table() {
        return prefix.substring(0, prefix.length() - 1);
    }

    /** Those of its gateway bridge, in two families. */
    String gatewayBridgeTable() {
        return table() + "-gw";
    }

    /** Of its published ports. */
    String portsTable() {
        return table() + "-ports";
    }

    /** Under /run/netns. */
    String namespace(int vni) {
        return prefix + vni;
    }

    /** Whether it is what some node calls the namespace of a network. */
    static boolean isNamespace(String name) {
        return name.matches("weft-[0-9a-f]{" + NODE_ID_LENGTH + "}-[0-9]{1,8}");
    }

    /** The VNI of a namespace of this node; empty for any other name. */
    OptionalInt vni(String namespace) {
        String rest = namespace.startsWith(prefix) ? namespace.substring(prefix.length()) : "";
        return rest.matches("[0-9]{1,8}") ? OptionalInt.of(Integer.parseInt(rest)) : OptionalInt.empty();
    }

    /** The interface of an endpoint at the bridge. Endpoint names are longer than interface names may be, so it is a digest. */
    static String port(EndpointId endpoint) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(endpoint.name().getBytes(StandardCharsets.UTF_8));
            return PORT_PREFIX + HexFormat.of().formatHex(digest, 0, PORT_HASH_LENGTH);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    static boolean isPort(String interfaceName) {
        return interfaceName.matches(PORT_PREFIX + "[0-9a-f]{" + 2 * PORT_HASH_LENGTH + "}");
    }
}
