package dev.weft.examples.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Published ports at IPv6 addresses of a {@link PublishedCluster}, by an ingress network of both families. The underlay is IPv4. */
@Tag("privileged")
class PublishedIpv6Test {

    private static final String CLIENT = "2001:db8::50";
    private static final List<String> BACKENDS = List.of("c1", "c2", "c3");

    @Test
    void shouldReachBackendsByIpv6WithTheClientsOwnAddress(@TempDir Path directory) throws Exception {
        try (PublishedCluster cluster = PublishedCluster.start(directory, true)) {
            ClusterLan lan = cluster.lan;
            PublishedService web = cluster.services;
            for (String backend : BACKENDS) {
                cluster.serve(backend, PortScripts.UDP_SERVER);
            }
            cluster.publish("web", List.of("8080:80", "[2001:db8::3]:8081:80", "53:5353/udp", "published=8082,target=80,mode=host"),
                    BACKENDS.toArray(String[]::new));

            for (String host : PublishedCluster.HOSTS) {
                String address = cluster.address(host);
                web.awaitAll("client", address, 8080, "c1 " + CLIENT, "c2 " + CLIENT, "c3 " + CLIENT);
                web.awaitAll(host, address, 8080, "c1 " + address, "c2 " + address, "c3 " + address);
                assertEquals(CLIENT, lan.in("client", "python3", "-c", PortScripts.UDP_CLIENT, address, "53").strip());
                web.awaitAll("client", address, 8082, host.replace('h', 'c') + " " + CLIENT);
                web.awaitAll("client", lan.address(host), 8080, "c1 ::ffff:192.0.2.50", "c2 ::ffff:192.0.2.50", "c3 ::ffff:192.0.2.50");
            }
            web.awaitAll("client", "2001:db8::3", 8081, "c1 " + CLIENT, "c2 " + CLIENT, "c3 " + CLIENT);
            assertEquals("", web.get("client", "2001:db8::1", 8081), "bound to an address that h3 has");
            String loopback = lan.in("h1", "timeout", "60", "bash", "-c", "(exec 3<>/dev/tcp/::1/8080) 2>&1 || true");
            assertTrue(loopback.contains("refused"), loopback + ": and not silence, for who tries ::1 before 127.0.0.1");
        }
    }
}
