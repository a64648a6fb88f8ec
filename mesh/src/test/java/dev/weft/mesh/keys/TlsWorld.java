package dev.weft.mesh.keys;

import dev.weft.mesh.pki.CertificateAuthority;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** A CA, and nodes that talk by TLS on loopback. */
final class TlsWorld implements AutoCloseable {

    static final String CLUSTER = "0123456789abcdef0123456789abcdef";
    static final SecureRandom RANDOM = new SecureRandom();

    final KeyLimits limits;
    /** How far the nodes' clock, by which certificates end, is ahead of the machine's. */
    volatile Duration ahead = Duration.ZERO;
    volatile CertificateAuthority authority = CertificateAuthority.found(CLUSTER, Instant.now(), RANDOM);
    /** Whom the cluster's records name, by id. */
    final Map<String, TlsNode> members = new ConcurrentHashMap<>();
    private final List<TlsNode> started = new ArrayList<>();

    TlsWorld(KeyLimits limits) {
        this.limits = limits;
    }

    Instant now() {
        return Instant.now().plus(ahead);
    }

    /** A member of the cluster. */
    TlsNode node(int number) {
        TlsNode node = new TlsNode(this, number, authority, CertificateAuthority.NODE_VALIDITY);
        started.add(node);
        members.put(node.id(), node);
        return node;
    }

    Optional<TlsNode> member(String id) {
        return Optional.ofNullable(members.get(id));
    }

    @Override
    public void close() {
        started.forEach(TlsNode::close);
    }
}
