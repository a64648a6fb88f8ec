package dev.weft.mesh.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.api.MacAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AskersTest {

    private static final InetAddress ASKED = InetAddress.ofLiteral("172.16.0.5");
    private static final InetAddress CLIENT = InetAddress.ofLiteral("192.0.2.50");

    private final Askers askers = new Askers();

    private static PublishedDatagram.WayBack by(int node) {
        return new PublishedDatagram.WayBack(null, ASKED, new MacAddress(0x0242_ac10_0000L + node));
    }

    private void ask(int port, int clientPort, int node, long nanos) {
        askers.heard(new PublishedDatagram(port, new InetSocketAddress(CLIENT, clientPort), new byte[0], by(node)), nanos);
    }

    private Optional<PublishedDatagram.WayBack> way(int port, int clientPort, long nanos) {
        return askers.wayTo(port, new InetSocketAddress(CLIENT, clientPort), nanos);
    }

    @Test
    void shouldKnowTheLastWayOfEachFlow() {
        assertEquals(Optional.empty(), way(53, 7000, 0));
        ask(53, 7000, 1, 0);
        ask(53, 7001, 2, 0);
        ask(53, 7000, 3, 1);
        assertEquals(Optional.of(by(3)), way(53, 7000, 2));
        assertEquals(Optional.of(by(2)), way(53, 7001, 2));
        assertEquals(Optional.empty(), way(54, 7000, 2), "another port has not been asked");
    }

    @Test
    void shouldForgetWhoAskedLongAgo() {
        long wrapsAround = Long.MAX_VALUE - 5;
        ask(53, 7000, 1, wrapsAround);
        assertEquals(Optional.of(by(1)), way(53, 7000, wrapsAround + Askers.REMEMBERED));
        assertEquals(Optional.empty(), way(53, 7000, wrapsAround + Askers.REMEMBERED + 1));
    }

    @Test
    void shouldForgetThoseThatAskedLongestAgoWhenTheyAreTooMany() {
        for (int client = 0; client < Askers.MOST; client++) {
            ask(53, client, 1, 0);
        }
        ask(53, 0, 2, 1);
        ask(54, 0, 3, 1);
        assertEquals(Optional.of(by(2)), way(53, 0, 1), "has asked again");
        assertEquals(Optional.empty(), way(53, 1, 1));
        assertEquals(Optional.of(by(1)), way(53, 2, 1));
        assertEquals(Optional.of(by(3)), way(54, 0, 1));
    }
}
