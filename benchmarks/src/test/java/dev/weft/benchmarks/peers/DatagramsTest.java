package dev.weft.benchmarks.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.testing.Shell;
import dev.weft.testing.TwoHosts;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** By a wire between two namespaces. */
@Tag("privileged")
class DatagramsTest {

    @Test
    void shouldCountWhatArrives() throws Exception {
        try (TwoHosts hosts = new TwoHosts(false); Datagrams datagrams = new Datagrams(hosts.host(1), hosts.host(2), hosts.vtep(2), 64)) {
            Datagrams.Count count = datagrams.run(1_000, 1);

            assertTrue(count.sent() > 0 && count.sent() <= 1_000, count.toString());
            assertEquals(count.sent(), count.received());
        }
    }

    @Test
    void shouldCountWhatIsLost() throws Exception {
        try (TwoHosts hosts = new TwoHosts(false)) {
            Shell.in(hosts.host(2), "nft", "table netdev lossy { chain wire { type filter hook ingress device \"up0\" priority 0; "
                    + "udp dport 7007 numgen inc mod 4 0 drop; }; }");
            try (Datagrams datagrams = new Datagrams(hosts.host(1), hosts.host(2), hosts.vtep(2), 64)) {
                Datagrams.Count count = datagrams.run(1_000, 1);

                assertEquals(count.sent() - (count.sent() + 3) / 4, count.received());
            }
        }
    }
}
