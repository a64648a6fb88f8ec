package dev.weft.mesh.health;

import dev.weft.api.Health;
import dev.weft.api.HealthCheck;
import dev.weft.api.HealthStatus;
import java.time.Duration;

/**
 * What the tries so far say of an endpoint. Immutable and pure: the clock is handed in.
 *
 * <pre>
 *                  success                        `retries` failures in a row
 *    STARTING ----------------> HEALTHY ------------------------------------> UNHEALTHY
 *      |  ^ |                    ^  ^ |                                         |  ^ |
 *      |  +-+ failure in the     |  +-+ success; fewer failures                 |  +-+ failure
 *      |     start period,       +---------------------- success ---------------+
 *      |     or fewer of them                                                      ^
 *      +--------------- `retries` failures in a row after the start period --------+
 * </pre>
 *
 * @param startEnds when the start period is over, in nanoseconds of the clock
 * @param failures  in a row, as far as they count
 * @param reason    of the last try; empty when it succeeded
 */
record HealthState(HealthCheck check, long startEnds, Health health, int failures, String reason) {

    /** Docker's start interval. */
    private static final Duration LONGEST_START_INTERVAL = Duration.ofSeconds(5);

    /**
     * Before the first try.
     *
     * @param before what the cluster was told before this process began; an endpoint that outlived a node is not starting
     */
    static HealthState begin(HealthCheck check, HealthStatus before, long now) {
        Health health = before.health() == Health.NONE ? Health.STARTING : before.health();
        return new HealthState(check, now + check.startPeriod().toNanos(), health, 0, before.reason());
    }

    HealthState succeeded() {
        return new HealthState(check, startEnds, Health.HEALTHY, 0, "");
    }

    HealthState failed(String why, long now) {
        if (health == Health.STARTING && now - startEnds < 0) {
            return new HealthState(check, startEnds, health, 0, why);
        }
        boolean enough = failures + 1 >= check.retries();
        return new HealthState(check, startEnds, enough ? Health.UNHEALTHY : health, enough ? check.retries() : failures + 1, why);
    }

    /** From the end of one try to the next one. */
    Duration untilNext() {
        boolean soon = health == Health.STARTING && check.interval().compareTo(LONGEST_START_INTERVAL) > 0;
        return soon ? LONGEST_START_INTERVAL : check.interval();
    }

    HealthStatus status() {
        return new HealthStatus(health, reason.length() <= HealthStatus.MAX_REASON ? reason : reason.substring(0, HealthStatus.MAX_REASON));
    }
}
