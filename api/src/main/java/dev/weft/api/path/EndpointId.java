package dev.weft.api.path;

/**
 * An endpoint on a data path.
 *
 * @param vni  its network
 * @param name unique in the network
 */
public record EndpointId(int vni, String name) {

    @Override
    public String toString() {
        return name + "@" + vni;
    }
}
