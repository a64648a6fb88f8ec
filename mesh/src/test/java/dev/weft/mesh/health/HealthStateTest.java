package dev.weft.mesh.health;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.api.Health;
import dev.weft.api.HealthCheck;
import dev.weft.api.HealthStatus;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealthStateTest {

    /** A clock near where its long overflows, as nanoTime may be. */
    private static final long ORIGIN = Long.MAX_VALUE - Duration.ofSeconds(3).toNanos();
    private static final HealthCheck CHECK = HealthCheck.of(new HealthCheck.Tcp(80)).withRetries(3);

    private static Health health(HealthState state) {
        return state.status().health();
    }

    /** Tries at one a second, from the second 0: + succeeds, - fails. After each try S, H or U. */
    @ParameterizedTest
    @CsvSource({
        "0, 3, +, H",
        "0, 3, --+, SSH",
        "0, 3, ---, SSU",
        "0, 3, --+--+, SSHHHH",
        "0, 3, +---, HHHU",
        "0, 3, +--+---, HHHHHHU",
        "0, 3, +---+, HHHUH",
        "0, 3, +----+---, HHHUUHHHU",
        "0, 1, -, U",
        "0, 1, +-+-, HUHU",
        "5, 3, -------, SSSSSSS",
        "5, 3, --------, SSSSSSSU",
        "5, 3, --+---, SSHHHU",
        "5, 1, -----+, SSSSSH",
        "5, 1, ------, SSSSSU"})
    void shouldFollowTheTries(int startSeconds, int retries, String tries, String expected) {
        HealthCheck check = CHECK.withRetries(retries).withStartPeriod(Duration.ofSeconds(startSeconds));
        HealthState state = HealthState.begin(check, HealthStatus.NONE, ORIGIN);
        StringBuilder seen = new StringBuilder();
        for (int second = 0; second < tries.length(); second++) {
            long now = ORIGIN + Duration.ofSeconds(second).toNanos();
            state = tries.charAt(second) == '+' ? state.succeeded() : state.failed("no", now);
            seen.append(health(state).name().charAt(0));
        }
        assertEquals(expected, seen.toString());
    }

    @Test
    void shouldNotStartAnewWithANodeThatDoes() {
        HealthState healthy = HealthState.begin(CHECK.withStartPeriod(Duration.ofDays(1)), new HealthStatus(Health.HEALTHY, ""), ORIGIN);
        assertEquals(Health.HEALTHY, health(healthy));
        assertEquals(Health.UNHEALTHY, health(healthy.failed("a", ORIGIN).failed("b", ORIGIN).failed("c", ORIGIN)));
        assertEquals(Health.UNHEALTHY, health(HealthState.begin(CHECK, new HealthStatus(Health.UNHEALTHY, "c"), ORIGIN)));
        assertEquals(Health.STARTING, health(HealthState.begin(CHECK, new HealthStatus(Health.STARTING, ""), ORIGIN)));
    }

    @Test
    void shouldTrySoonerWhileItStarts() {
        HealthState starting = HealthState.begin(CHECK, HealthStatus.NONE, ORIGIN);
        assertEquals(Duration.ofSeconds(5), starting.untilNext());
        assertEquals(Duration.ofSeconds(30), starting.succeeded().untilNext());
        assertEquals(Duration.ofSeconds(1), HealthState.begin(CHECK.withInterval(Duration.ofSeconds(1)), HealthStatus.NONE, ORIGIN).untilNext());
    }

    @Test
    void shouldSayWhyInFewWords() {
        HealthState failed = HealthState.begin(CHECK.withRetries(1), HealthStatus.NONE, ORIGIN).failed("x".repeat(1000), ORIGIN);
        assertEquals(new HealthStatus(Health.UNHEALTHY, "x".repeat(HealthStatus.MAX_REASON)), failed.status());
        assertEquals(new HealthStatus(Health.HEALTHY, ""), failed.succeeded().status());
    }
}
