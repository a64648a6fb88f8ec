package dev.weft.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HealthCheckTest {

    private static final HealthCheck TCP = HealthCheck.of(new HealthCheck.Tcp(80));

    @Test
    void shouldReadProbes() {
        assertEquals(new HealthCheck.Tcp(8080), HealthCheck.Probe.parse("tcp:8080"));
        assertEquals(new HealthCheck.Http(8080, "/", 200), HealthCheck.Probe.parse("http:8080/"));
        assertEquals(new HealthCheck.Http(65535, "/a/b?c", 204), HealthCheck.Probe.parse("http:65535/a/b?c=204"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "tcp", "tcp:", "tcp:0", "tcp:65536", "tcp:-1", "tcp:80/", "http:80", "http:/x", "http:80/x=", "http:80/x=20",
        "http:80/x=2000", "http:80/x=099", "http:80/x=600", "http:80/a b", "http:80/#x", "https:443/", "udp:53", "8080", "http://host/x"})
    void shouldRefuseOtherProbes(String text) {
        assertThrows(WeftException.InvalidSpec.class, () -> HealthCheck.Probe.parse(text));
    }

    @Test
    void shouldKeepToItsRanges() {
        assertEquals(Duration.ofSeconds(30), TCP.interval());
        assertEquals(3, TCP.retries());
        for (Supplier<HealthCheck> wrong : List.<Supplier<HealthCheck>>of(
                () -> TCP.withInterval(Duration.ofMillis(9)), () -> TCP.withInterval(Duration.ofDays(2)),
                () -> TCP.withTimeout(Duration.ZERO), () -> TCP.withTimeout(Duration.ofDays(2)), () -> TCP.withStartPeriod(Duration.ofMillis(-1)),
                () -> TCP.withStartPeriod(Duration.ofDays(2)), () -> TCP.withRetries(0))) {
            assertThrows(WeftException.InvalidSpec.class, wrong::get);
        }
        assertThrows(WeftException.InvalidSpec.class, () -> new HealthStatus(Health.HEALTHY, "x".repeat(HealthStatus.MAX_REASON + 1)));
    }

    @Test
    void shouldSuitTheEndpoint() {
        HealthCheck callback = HealthCheck.of(new HealthCheck.Callback(() -> true));
        assertTrue(EndpointSpec.inProcess("a").healthCheck(callback).build().check().isPresent());
        assertTrue(EndpointSpec.hostInterface("a", "weft0").healthCheck(TCP).build().check().isPresent());
        assertTrue(EndpointSpec.networkNamespace("a", "ns", "eth0").healthCheck(TCP).build().check().isPresent());
        assertThrows(WeftException.InvalidSpec.class, () -> EndpointSpec.inProcess("a").healthCheck(TCP).build());
        assertThrows(WeftException.InvalidSpec.class, () -> EndpointSpec.networkNamespace("a", "ns", "eth0").healthCheck(callback).build());
        EndpointSpec.Builder external = EndpointSpec.external("a", Cidr.parseAddress("192.0.2.9"), MacAddress.parse("02:00:00:00:00:09"));
        assertThrows(WeftException.InvalidSpec.class, () -> external.address("10.0.1.9").healthCheck(TCP).build());
    }
}
