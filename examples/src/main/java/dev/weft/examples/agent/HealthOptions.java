package dev.weft.examples.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weft.api.HealthCheck;
import dev.weft.api.WeftException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** How a node looks after an endpoint's health: as options and in a request. */
final class HealthOptions {

    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");

    private static final class Check {
        @Option(names = "--health-check", required = true, paramLabel = "PROBE", description = "tcp:PORT, http:PORT/PATH or http:PORT/PATH=STATUS")
        private String probe;
        @Option(names = "--health-interval", paramLabel = "TIME", description = "between two tries: 500ms, 10s, 1m; 30s otherwise")
        private String interval;
        @Option(names = "--health-timeout", paramLabel = "TIME", description = "after which a try has failed; 30s otherwise")
        private String timeout;
        @Option(names = "--health-start-period", paramLabel = "TIME", description = "in which failures do not count; none otherwise")
        private String startPeriod;
        @Option(names = "--health-retries", paramLabel = "N", description = "failures in a row that make it unhealthy; 3 otherwise")
        private Integer retries;
    }

    @ArgGroup(exclusive = false)
    private Check check;

    void put(ObjectNode request) {
        if (check != null) {
            request.put("probe", check.probe).put("interval", check.interval).put("timeout", check.timeout).put("startPeriod", check.startPeriod)
                    .put("retries", check.retries);
        }
    }

    /** @throws WeftException.InvalidSpec if the request's is none */
    static Optional<HealthCheck> get(JsonNode request) {
        if (!request.hasNonNull("probe")) {
            return Optional.empty();
        }
        HealthCheck check = HealthCheck.of(HealthCheck.Probe.parse(request.path("probe").asText()));
        if (request.hasNonNull("interval")) {
            check = check.withInterval(duration(request.path("interval").asText()));
        }
        if (request.hasNonNull("timeout")) {
            check = check.withTimeout(duration(request.path("timeout").asText()));
        }
        if (request.hasNonNull("startPeriod")) {
            check = check.withStartPeriod(duration(request.path("startPeriod").asText()));
        }
        return Optional.of(request.hasNonNull("retries") ? check.withRetries(request.path("retries").asInt()) : check);
    }

    static Duration duration(String text) {
        Matcher found = DURATION.matcher(text);
        if (!found.matches()) {
            throw new WeftException.InvalidSpec("'" + text + "' is no time; write it as 500ms, 10s, 1m or 2h");
        }
        long count = Long.parseLong(found.group(1));
        return switch (found.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            default -> Duration.ofHours(count);
        };
    }
}
