package dev.weft.mesh.model;

import dev.weft.api.NodeRole;
import java.util.Map;

/**
 * What managers know and nobody else; in the store it is sealed.
 *
 * @param worker        secret of the role in join tokens, 64 hexadecimal digits
 * @param manager       likewise
 * @param authorityKeys PEM of a CA's private key, by the CA's digest
 */
public record ManagerSecrets(String worker, String manager, Map<String, String> authorityKeys) {

    public ManagerSecrets {
        authorityKeys = Map.copyOf(authorityKeys);
    }

    public String of(NodeRole role) {
        return role == NodeRole.MANAGER ? manager : worker;
    }

    /** The same with another secret for a role. */
    public ManagerSecrets with(NodeRole role, String secret) {
        return role == NodeRole.MANAGER ? new ManagerSecrets(worker, secret, authorityKeys) : new ManagerSecrets(secret, manager, authorityKeys);
    }

    /** The same with other CAs. */
    public ManagerSecrets with(Map<String, String> keys) {
        return new ManagerSecrets(worker, manager, keys);
    }

    /** Never shows a secret. */
    @Override
    public String toString() {
        return "ManagerSecrets[]";
    }
}
