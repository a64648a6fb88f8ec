package dev.weft.mesh.store.zookeeper;

import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.curator.framework.AuthInfo;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.server.auth.DigestAuthenticationProvider;

/**
 * Who may do what in the store, by ZooKeeper's digest scheme: an ACL holds a digest of {@code role:secret}, and a client
 * sends {@code role:secret} when it has connected (in clear, until certificates come). A manager knows both secrets.
 */
public record Credentials(Optional<String> managerSecret, String workerSecret) {

    static final String SCHEME = "digest";
    private static final String MANAGER = "manager:";
    private static final String WORKER = "worker:";

    static {
        LocalAdministrator.enable();
    }

    List<AuthInfo> proofs() {
        List<AuthInfo> proofs = new ArrayList<>();
        managerSecret.ifPresent(secret -> proofs.add(proof(MANAGER + secret)));
        proofs.add(proof(WORKER + workerSecret));
        return proofs;
    }

    /** For what every node writes. */
    List<ACL> memberAcl() {
        return mutable(acl(Perms.ALL, WORKER + workerSecret));
    }

    /** For what managers write and workers read. */
    List<ACL> managerAcl() {
        String secret = managerSecret.orElseThrow(() -> new IllegalStateException("only a manager makes entries of managers"));
        return mutable(acl(Perms.ALL, MANAGER + secret), acl(Perms.READ, WORKER + workerSecret));
    }

    /** ZooKeeper asks the list whether it contains null, and the JDK's immutable ones throw at that. */
    private static List<ACL> mutable(ACL... acls) {
        return new ArrayList<>(List.of(acls));
    }

    private static AuthInfo proof(String idAndSecret) {
        return new AuthInfo(SCHEME, idAndSecret.getBytes(StandardCharsets.UTF_8));
    }

    private static ACL acl(int permissions, String idAndSecret) {
        try {
            return new ACL(permissions, new Id(SCHEME, DigestAuthenticationProvider.generateDigest(idAndSecret)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-1", e);
        }
    }

    /** Never shows a secret. */
    @Override
    public String toString() {
        return "Credentials[" + (managerSecret.isPresent() ? "manager" : "worker") + "]";
    }
}
