package dev.weft.mesh.store.zookeeper;

import dev.weft.api.NodeRole;
import dev.weft.mesh.model.MemberRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.pki.CertificateRefused;
import dev.weft.mesh.pki.CertificateSubject;
import dev.weft.mesh.pki.ControlPort;
import dev.weft.mesh.pki.PeerCheck;
import dev.weft.mesh.pki.Refusal;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.net.ssl.X509KeyManager;
import javax.net.ssl.X509TrustManager;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.server.ServerCnxn;
import org.apache.zookeeper.server.ZKDatabase;
import org.apache.zookeeper.server.auth.X509AuthenticationProvider;

/**
 * Who a client of the store is: what its certificate says, if the cluster's members say so too. Made by ZooKeeper itself, once
 * for all servers of a process.
 */
public final class NodeAuthentication extends X509AuthenticationProvider {

    static final String SCHEME = "weft-tls";
    /** ZooKeeper's name for who may do everything, the ensemble's configuration included. */
    static final String SUPER = "super";

    public NodeAuthentication() {
        super(null, null);
    }

    @Override
    public String getScheme() {
        return SCHEME;
    }

    @Override
    public X509KeyManager getKeyManager() {
        return ServerScope.current().credentials().keyManager();
    }

    /** {@link StoreGate} counts whom this refuses. */
    @Override
    public X509TrustManager getTrustManager() {
        return ServerScope.current().credentials().trustManager(PeerCheck.ANYONE);
    }

    /** @param role as the cluster sees it at the moment */
    record Member(String nodeId, NodeRole role) {
    }

    /** Who shows a certificate, if he belongs to the cluster. For resumed sessions, too, in which nobody has looked at it. */
    static Member member(ServerScope scope, Certificate[] shown) throws CertificateRefused {
        X509Certificate[] chain = Arrays.copyOf(shown, shown.length, X509Certificate[].class);
        CertificateSubject subject = scope.credentials().trustManager(PeerCheck.ANYONE).verify(chain, null);
        return new Member(subject.nodeId(), role(scope.database(), subject));
    }

    /** After each handshake. */
    @Override
    public KeeperException.Code handleAuthentication(ServerCnxn connection, byte[] nothing) {
        ServerScope scope = ServerScope.current();
        InetAddress peer = connection.getRemoteSocketAddress().getAddress();
        try {
            Member member = member(scope, connection.getClientCertificateChain());
            connection.addAuthInfo(new Id(Acls.SCHEME, member.nodeId()));
            if (member.role() == NodeRole.MANAGER) {
                connection.addAuthInfo(new Id(SUPER, member.nodeId()));
            }
            Channel channel = ZooKeeperInternals.channel(connection);
            channel.pipeline().addBefore(SessionGuard.BEFORE, SessionGuard.NAME, new SessionGuard(scope, member.nodeId(), peer));
            scope.track(channel, member.nodeId(), member.role());
            return KeeperException.Code.OK;
        } catch (CertificateRefused e) {
            scope.credentials().refusals().count(ControlPort.STORE, e.reason(), peer, e.getMessage());
            return KeeperException.Code.AUTHFAILED;
        }
    }

    /** The lesser of what the certificate and the cluster say: after a change of role both have to be new. */
    private static NodeRole role(ZKDatabase database, CertificateSubject subject) throws CertificateRefused {
        if (!ServerScope.knowsMembers(database)) {
            return subject.role();
        }
        byte[] record = ServerScope.memberRecord(database, subject.nodeId());
        if (record == null) {
            throw new CertificateRefused(Refusal.REVOKED, "node " + subject.nodeId() + " has been removed from the cluster");
        }
        NodeRole given = RecordCodec.decode(record, MemberRecord.class).role();
        return given == NodeRole.MANAGER ? subject.role() : given;
    }
}
