package dev.weft.mesh.identity;

import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The secrets that prove a node's role. The worker's is derived from the manager's, so a manager can hand out both and
 * nothing secret is in the cluster store.
 */
public record RoleSecrets(Optional<String> manager, String worker) {

    private static final int BYTES = 32;
    private static final String WORKER_LABEL = "weft worker secret";

    public static RoleSecrets draw(SecureRandom random) {
        byte[] secret = new byte[BYTES];
        random.nextBytes(secret);
        return of(NodeRole.MANAGER, HexFormat.of().formatHex(secret));
    }

    /** @param secret the role's own */
    public static RoleSecrets of(NodeRole role, String secret) {
        return role == NodeRole.MANAGER
                ? new RoleSecrets(Optional.of(secret), workerSecretOf(secret))
                : new RoleSecrets(Optional.empty(), secret);
    }

    /** The secret from which {@link #of} makes the same again. */
    public String own() {
        return manager.orElse(worker);
    }

    /** @throws WeftException.InvalidSpec if a worker is asked for the manager's */
    public String of(NodeRole role) {
        if (role == NodeRole.WORKER) {
            return worker;
        }
        return manager.orElseThrow(() -> new WeftException.InvalidSpec(
                "this node is a worker and does not know the managers' token; ask a manager for it"));
    }

    private static String workerSecretOf(String manager) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(HexFormat.of().parseHex(manager), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(WORKER_LABEL.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has HMAC-SHA-256", e);
        }
    }

    /** Never shows a secret. */
    @Override
    public String toString() {
        return "RoleSecrets[" + (manager.isPresent() ? "manager" : "worker") + "]";
    }
}
