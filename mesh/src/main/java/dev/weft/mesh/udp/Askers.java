package dev.weft.mesh.udp;

import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Who has asked by a published port, and the way back to him. Only what goes from the port that was asked to the port that has asked takes
 * that way: what the same endpoint asks others leaves as ever. Who asked long ago is forgotten, and of too many who asked longest ago.
 * Thread-safe. Times are nanoseconds of one clock.
 */
final class Askers {

    /** As long as a kernel remembers a flow of UDP that has had an answer, and as backends in namespaces do. */
    static final long REMEMBERED = TimeUnit.MINUTES.toNanos(3);
    static final int MOST = 65_536;

    private record Flow(int port, InetSocketAddress client) {
    }

    private record Asked(PublishedDatagram.WayBack way, long nanos) {
    }

    private final LinkedHashMap<Flow, Asked> flows = new LinkedHashMap<>();
    /** So that a stack that nothing is published of takes no lock. */
    private volatile boolean any;

    synchronized void heard(PublishedDatagram datagram, long nanos) {
        any = true;
        Flow flow = new Flow(datagram.port(), datagram.client());
        flows.remove(flow);
        flows.put(flow, new Asked(datagram.way(), nanos));
        if (flows.size() > MOST) {
            flows.pollFirstEntry();
        }
    }

    /** @param port that the answer comes from */
    Optional<PublishedDatagram.WayBack> wayTo(int port, InetSocketAddress client, long nanos) {
        return any ? find(new Flow(port, client), nanos) : Optional.empty();
    }

    private synchronized Optional<PublishedDatagram.WayBack> find(Flow flow, long nanos) {
        Asked asked = flows.get(flow);
        if (asked != null && nanos - asked.nanos() > REMEMBERED) {
            flows.remove(flow);
            return Optional.empty();
        }
        return Optional.ofNullable(asked).map(Asked::way);
    }
}
