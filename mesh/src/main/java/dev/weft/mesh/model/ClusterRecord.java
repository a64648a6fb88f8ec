package dev.weft.mesh.model;

import dev.weft.api.SubnetPoolSpec;

/**
 * The cluster itself.
 *
 * @param id          what join tokens name
 * @param subnetPool  where the subnets of networks that name none come from
 * @param stateFormat members write records of this format at most; see {@link StateFormat}
 */
public record ClusterRecord(String id, SubnetPoolSpec subnetPool, int stateFormat) {

    /** A new cluster. */
    public ClusterRecord(String id, SubnetPoolSpec subnetPool) {
        this(id, subnetPool, StateFormat.LATEST);
    }

    public ClusterRecord(String id) {
        this(id, SubnetPoolSpec.DEFAULT);
    }

    public ClusterRecord withStateFormat(int other) {
        return new ClusterRecord(id, subnetPool, other);
    }
}
