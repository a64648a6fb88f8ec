package dev.weft.api.path;

/**
 * An endpoint on a data path.
 *
 * @param vni  its network
 * @param name unique in the network
 */
public record EndpointId(int vni, String name) {

    /** What no endpoint may be called. */
    private static final String GATEWAY = "*gateway";

    /** The node itself, at the gateway addresses of a network. */
    public static EndpointId ofGateway(int vni) {
        return new EndpointId(vni, GATEWAY);
    }

    public boolean isGateway() {
        return name.equals(GATEWAY);
    }

    @Override
    public String toString() {
        return name + "@" + vni;
    }
}
