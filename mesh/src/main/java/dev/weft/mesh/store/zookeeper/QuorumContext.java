package dev.weft.mesh.store.zookeeper;

import dev.weft.mesh.pki.CertificateRefused;
import dev.weft.mesh.pki.ControlPort;
import dev.weft.mesh.pki.PeerCheck;
import dev.weft.mesh.pki.Refusal;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.apache.zookeeper.server.ZKDatabase;

/** TLS of the connections that a manager's server opens to others, to follow a leader and for elections. Made by ZooKeeper itself. */
public final class QuorumContext implements Supplier<SSLContext> {

    @Override
    public SSLContext get() {
        ServerScope scope = ServerScope.current();
        return scope.credentials().context(ControlPort.QUORUM, managersOf(scope));
    }

    /** Managers that belong to the cluster, as far as this server knows. */
    static PeerCheck managersOf(ServerScope scope) {
        PeerCheck member = subject -> {
            ZKDatabase database = scope.database();
            if (ServerScope.knowsMembers(database) && ServerScope.memberRecord(database, subject.nodeId()) == null) {
                throw new CertificateRefused(Refusal.REVOKED, "node " + subject.nodeId() + " has been removed from the cluster");
            }
        };
        return PeerCheck.MANAGER.and(member);
    }
}
