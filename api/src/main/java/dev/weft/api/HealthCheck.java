package dev.weft.api;

import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How an endpoint's own node finds out whether it is healthy; the numbers are Docker's.
 *
 * @param probe       what is tried
 * @param interval    from the end of a try to the next one, 10 ms to a day; at most 5 s while it is starting
 * @param timeout     after which a try has failed, 10 ms to a day
 * @param startPeriod from attach: failures before the first success do not count in that time
 * @param retries     failures in a row that make it unhealthy, 1 or more; one success makes it healthy
 */
public record HealthCheck(Probe probe, Duration interval, Duration timeout, Duration startPeriod, int retries) {

    private static final Duration SHORTEST = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(30);
    private static final int DEFAULT_RETRIES = 3;
    private static final int MAX_PORT = 65_535;

    /** What is tried: at the endpoint's first address, from inside its own namespace, or in the process itself. */
    public sealed interface Probe {

        /**
         * Reads {@code tcp:PORT}, {@code http:PORT/PATH} or {@code http:PORT/PATH=STATUS}.
         *
         * @throws WeftException.InvalidSpec if the text is anything else
         */
        static Probe parse(String text) {
            Matcher tcp = Pattern.compile("tcp:([0-9]{1,5})").matcher(text);
            if (tcp.matches()) {
                return new Tcp(Integer.parseInt(tcp.group(1)));
            }
            Matcher http = Pattern.compile("http:([0-9]{1,5})(/[^=]*)(?:=([0-9]{3}))?").matcher(text);
            if (http.matches()) {
                return new Http(Integer.parseInt(http.group(1)), http.group(2), http.group(3) == null ? Http.OK : Integer.parseInt(http.group(3)));
            }
            throw new WeftException.InvalidSpec("'" + text + "' is no probe; write it as tcp:8080, http:8080/healthz or http:8080/healthz=204");
        }
    }

    /** A connection is accepted. */
    public record Tcp(int port) implements Probe {
        public Tcp {
            checkPort(port);
        }
    }

    /** GET is answered with that status; redirections are not followed. @param path begins with a slash */
    public record Http(int port, String path, int status) implements Probe {

        public static final int OK = 200;
        private static final int LAST_STATUS = 599;

        public Http {
            checkPort(port);
            try {
                if (!path.startsWith("/") || URI.create("http://host" + path).getRawFragment() != null) {
                    throw new IllegalArgumentException(path);
                }
            } catch (IllegalArgumentException e) {
                throw new WeftException.InvalidSpec("'" + path + "' is no path to ask for by HTTP; write it as /healthz", e);
            }
            if (status < 100 || status > LAST_STATUS) {
                throw new WeftException.InvalidSpec("HTTP has no status " + status + "; take 100 to " + LAST_STATUS);
            }
        }
    }

    /** True is healthy; false, and what is thrown, is not. Called on a thread of the node, one call at a time. For in-process endpoints. */
    public record Callback(Callable<Boolean> isHealthy) implements Probe {
    }

    public HealthCheck {
        checkRange("interval", interval);
        checkRange("timeout", timeout);
        if (startPeriod.isNegative() || startPeriod.compareTo(LONGEST) > 0) {
            throw new WeftException.InvalidSpec("a start period of " + startPeriod + " is out of range; take nothing to " + LONGEST);
        }
        if (retries < 1) {
            throw new WeftException.InvalidSpec(retries + " retries make no sense; take 1 or more");
        }
    }

    /** Every 30 s, with as much time for an answer; no start period, 3 retries. */
    public static HealthCheck of(Probe probe) {
        return new HealthCheck(probe, DEFAULT_INTERVAL, DEFAULT_INTERVAL, Duration.ZERO, DEFAULT_RETRIES);
    }

    public HealthCheck withInterval(Duration other) {
        return new HealthCheck(probe, other, timeout, startPeriod, retries);
    }

    public HealthCheck withTimeout(Duration other) {
        return new HealthCheck(probe, interval, other, startPeriod, retries);
    }

    public HealthCheck withStartPeriod(Duration other) {
        return new HealthCheck(probe, interval, timeout, other, retries);
    }

    public HealthCheck withRetries(int other) {
        return new HealthCheck(probe, interval, timeout, startPeriod, other);
    }

    private static void checkPort(int port) {
        if (port < 1 || port > MAX_PORT) {
            throw new WeftException.InvalidSpec("port " + port + " is out of range; take 1 to " + MAX_PORT);
        }
    }

    private static void checkRange(String what, Duration value) {
        if (value.compareTo(SHORTEST) < 0 || value.compareTo(LONGEST) > 0) {
            throw new WeftException.InvalidSpec("a health check's " + what + " of " + value + " is out of range; take " + SHORTEST + " to "
                    + LONGEST);
        }
    }
}
