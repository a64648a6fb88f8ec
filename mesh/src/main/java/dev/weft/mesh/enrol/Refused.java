package dev.weft.mesh.enrol;

import dev.weft.api.WeftException;

/** A manager's no. @param code as {@link WeftException#code} has it */
public record Refused(String code, String message) {

    /** The same failure at the asker's side. */
    WeftException exception() {
        return switch (code) {
            case "token-refused" -> new WeftException.TokenRefused(message);
            case "name-taken" -> new WeftException.NameTaken(message);
            case "identity-refused" -> new WeftException.IdentityRefused(message);
            case "invalid-spec" -> new WeftException.InvalidSpec(message);
            case "port-in-use" -> new WeftException.PortInUse(message);
            case "address-unavailable" -> new WeftException.AddressUnavailable(message);
            case "pool-exhausted" -> new WeftException.PoolExhausted(message);
            case "not-attachable" -> new WeftException.NotAttachable(message);
            case "node-drained" -> new WeftException.NodeDrained(message);
            case "not-found" -> new WeftException.NotFound(message);
            default -> new WeftException.ManagerUnreachable("the manager could not answer: " + message);
        };
    }
}
