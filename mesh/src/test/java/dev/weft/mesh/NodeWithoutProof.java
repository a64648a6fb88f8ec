package dev.weft.mesh;

import dev.weft.api.CertificateInfo;
import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import dev.weft.api.counter.Counter;
import dev.weft.mesh.cluster.PublishingEndpoints;
import dev.weft.mesh.pki.NodeCredentials;
import java.util.List;
import java.util.Optional;

/** For nodes on a store in memory, which asks nobody who he is. */
final class NodeWithoutProof implements NodeIdentity {

    @Override
    public Optional<NodeCredentials> credentials() {
        return Optional.empty();
    }

    @Override
    public void begin(ControlPlane plane) {
    }

    @Override
    public void requireMember() {
    }

    @Override
    public String token(NodeRole role) {
        throw new WeftException.ManagerRequired("there are no tokens here");
    }

    @Override
    public String rotateToken(NodeRole role) {
        return token(role);
    }

    @Override
    public void rotateAuthority() {
        token(NodeRole.MANAGER);
    }

    @Override
    public CertificateInfo certificate(String nodeId) {
        throw new WeftException.NotFound("there are no certificates here");
    }

    @Override
    public Optional<PublishingEndpoints> publishing() {
        return Optional.empty();
    }

    @Override
    public List<Counter> refusals() {
        return List.of();
    }

    @Override
    public void close() {
    }
}
