package dev.weft.api;

/**
 * The health of an endpoint and why it is so.
 *
 * @param reason for people, at most {@value #MAX_REASON} characters; empty when there is nothing to say
 */
public record HealthStatus(Health health, String reason) {

    public static final int MAX_REASON = 200;

    /** Nobody has said anything. */
    public static final HealthStatus NONE = new HealthStatus(Health.NONE, "");

    public HealthStatus {
        if (reason.length() > MAX_REASON) {
            throw new WeftException.InvalidSpec("a reason of " + reason.length() + " characters is too long; take at most " + MAX_REASON);
        }
    }
}
