package dev.weft.mesh.keys;

import dev.weft.api.NodeRole;
import dev.weft.api.path.PeerSecurity;
import dev.weft.api.path.SecurityAssociation;
import dev.weft.mesh.pki.CertificateAuthority;
import dev.weft.mesh.pki.CertificateSubject;
import dev.weft.mesh.pki.ControlPort;
import dev.weft.mesh.pki.KeyMaterial;
import dev.weft.mesh.pki.NodeCredentials;
import dev.weft.mesh.pki.Refusal;
import dev.weft.mesh.pki.Refusals;
import dev.weft.mesh.pki.TrustBundle;
import dev.weft.testing.FreePort;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArraySet;

/** A key ring and a daemon; its data path has at once what it shall have. */
final class TlsNode implements AutoCloseable {

    private final TlsWorld world;
    private final String id;
    private final InetAddress vtep;
    private final InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), FreePort.tcp());
    private final Map<String, InetSocketAddress> reachedAt = new ConcurrentHashMap<>();
    private final Set<String> sharedWith = new CopyOnWriteArraySet<>();
    private final Refusals refusals = new Refusals(InstantSource.system());
    private final NodeCredentials credentials;
    private final KeyRing ring;
    private volatile KeyDaemon daemon;
    private volatile List<PeerSecurity> applied = List.of();

    TlsNode(TlsWorld world, int number, CertificateAuthority authority, Duration validity) {
        this.world = world;
        this.id = "000000000000000" + number;
        this.vtep = InetAddress.ofLiteral("192.0.2." + number);
        this.credentials = new NodeCredentials(material(authority, validity), world::now, refusals);
        this.ring = new KeyRing(id, world.limits, TlsWorld.RANDOM, () -> System.nanoTime() / 1_000_000, () -> Thread.startVirtualThread(this::apply));
        startDaemon();
    }

    KeyMaterial material(CertificateAuthority authority, Duration validity) {
        KeyPair keys = CertificateAuthority.drawKeys(TlsWorld.RANDOM);
        CertificateSubject subject = new CertificateSubject(TlsWorld.CLUSTER, id, NodeRole.WORKER);
        return new KeyMaterial(keys.getPrivate(), authority.issue(keys.getPublic(), subject, Instant.now(), validity, TlsWorld.RANDOM),
                authority.certificate(), new TrustBundle(List.of(authority.certificate())));
    }

    void startDaemon() {
        daemon = new KeyDaemon(id, ring, credentials, address,
                peer -> world.member(peer).map(node -> reachedAt.getOrDefault(peer, node.address)), world::now);
    }

    void stopDaemon() {
        daemon.close();
    }

    /** As the applier does: one at a time. */
    private synchronized void apply() {
        List<PeerSecurity> wanted = ring.share(sharedWith.stream().flatMap(peer -> world.member(peer).stream())
                .map(peer -> new PeerShare(peer.id, KeyWorld.CIPHER, peer.vtep, false)).toList(), world.members.keySet());
        applied = wanted;
        ring.applied(wanted);
    }

    void share(TlsNode other) {
        sharedWith.add(other.id);
        apply();
    }

    void reachAt(TlsNode peer, InetSocketAddress where) {
        reachedAt.put(peer.id, where);
    }

    /** As if nothing of this node got through to the other's port. */
    void shareWithoutCalling(TlsNode other) {
        reachAt(other, new InetSocketAddress(InetAddress.getLoopbackAddress(), FreePort.tcp()));
        share(other);
    }

    void lookAgain() {
        apply();
    }

    String id() {
        return id;
    }

    InetSocketAddress address() {
        return address;
    }

    NodeCredentials credentials() {
        return credentials;
    }

    KeyRing ring() {
        return ring;
    }

    long refused(Refusal reason) {
        return refusals.count(ControlPort.NODE, reason);
    }

    boolean isReadyWith(TlsNode other) {
        return ring.isReady(KeyWorld.CIPHER, Set.of(other.id));
    }

    SecurityAssociation outbound(TlsNode peer) {
        return securityWith(peer).outbound().orElseThrow();
    }

    List<SecurityAssociation> inbound(TlsNode peer) {
        return securityWith(peer).inbound();
    }

    private PeerSecurity securityWith(TlsNode peer) {
        return applied.stream().filter(each -> each.vtep().equals(peer.vtep)).findFirst().orElseThrow();
    }

    @Override
    public void close() {
        daemon.close();
    }
}
