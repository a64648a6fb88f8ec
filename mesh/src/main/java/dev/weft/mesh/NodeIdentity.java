package dev.weft.mesh;

import dev.weft.api.CertificateInfo;
import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import dev.weft.api.counter.Counter;
import dev.weft.mesh.cluster.PublishingEndpoints;
import dev.weft.mesh.pki.NodeCredentials;
import java.util.List;
import java.util.Optional;

/** What a node does for its own and, when it is a manager, for the others' proof of identity. Thread-safe. */
interface NodeIdentity extends AutoCloseable {

    /** For connections with other nodes; empty when nobody asks who a node is. */
    Optional<NodeCredentials> credentials();

    /** Begins to look after it, once, when the node is a member and its store answers. */
    void begin(ControlPlane plane);

    /** @throws WeftException.IdentityRefused if it is known that the node has been removed */
    void requireMember();

    /** @throws WeftException.ManagerRequired at a worker */
    String token(NodeRole role);

    /** @throws WeftException.ManagerRequired at a worker */
    String rotateToken(NodeRole role);

    /**
     * @throws WeftException.ManagerRequired at a worker
     * @throws WeftException.InUse           if a rotation is under way
     */
    void rotateAuthority();

    /** @throws WeftException.NotFound if the node has not said yet what certificate it has */
    CertificateInfo certificate(String nodeId);

    /** For endpoints that publish ports, when this node is a worker; empty: nobody asks who writes. */
    Optional<PublishingEndpoints> publishing();

    /** Whom the node's control ports turned away. */
    List<Counter> refusals();

    @Override
    void close();
}
