package dev.weft.api;

/** Whether an endpoint is fit to serve. */
public enum Health {
    /** Nobody checks, and nobody has said anything: it counts as healthy. */
    NONE,
    /** It is checked and has not been found healthy yet. */
    STARTING,
    HEALTHY,
    UNHEALTHY;

    /** Services send new flows to those that are healthy, as far as is known; open ones stay where they are. */
    public boolean takesNewFlows() {
        return this == NONE || this == HEALTHY;
    }
}
