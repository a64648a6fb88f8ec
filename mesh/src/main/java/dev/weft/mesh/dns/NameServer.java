package dev.weft.mesh.dns;

import dev.weft.mesh.dns.NameCounters.Event;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;

/**
 * Answers what endpoints ask at the gateways of their networks: about the network's own names at once, from the node's view of the
 * cluster; about all others what the {@link Forwarder} says. How questions come is the transports' affair. Thread-safe.
 */
public final class NameServer {

    /** What a TCP message has room for (RFC 1035, 4.2.2). */
    public static final int TCP_ROOM = Message.MAXLENGTH;

    private static final int CACHE_ENTRIES = 4_096;
    private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");

    private final NodeNames names;
    private final Forwarder forwarder;
    private final NameCounters counters;

    NameServer(NodeNames names, Forwarder forwarder, NameCounters counters) {
        this.names = names;
        this.forwarder = forwarder;
        this.counters = counters;
    }

    /** @param resolvers who is asked for names outside of networks; empty: those of the host */
    public static NameServer of(NodeNames names, List<InetSocketAddress> resolvers, NameCounters counters) {
        UpstreamServers upstream = new UpstreamServers(resolvers, RESOLV_CONF, names::isGateway);
        return new NameServer(names, new Forwarder(upstream, new ForwardCache(CACHE_ENTRIES), counters, System::nanoTime,
                Forwarder.PATIENCE), counters);
    }

    /**
     * Takes a message that came to a gateway.
     *
     * @param room  bytes that the transport has for the answer
     * @param reply gets the answer, at once or later on another thread; never, when there is nothing to answer
     */
    public void ask(int vni, byte[] wire, int room, Consumer<byte[]> reply) {
        switch (Query.read(wire, room)) {
            case Query.Read.Asked(Query query) -> answer(vni, query, reply);
            case Query.Read.Refused(byte[] answer, boolean malformed) -> {
                counters.count(malformed ? Event.MALFORMED : Event.REFUSED);
                reply.accept(answer);
            }
            case Query.Read.Noise() -> counters.count(Event.MALFORMED);
        }
    }

    /** A transport had no room for a question. */
    public void overrun() {
        counters.count(Event.OVERRUN);
    }

    private void answer(int vni, Query query, Consumer<byte[]> reply) {
        Optional<NetworkNames> network = names.of(vni);
        if (network.isEmpty()) {
            return; // on its way out while the network goes
        }
        Optional<Message> own = new OwnAnswers(vni, network.get(), names).answer(query);
        if (own.isPresent()) {
            counters.count(own.get().getRcode() == Rcode.NXDOMAIN ? Event.UNKNOWN : Event.ANSWERED);
            send(query, own.get(), reply);
        } else if (names.isOverlay(query.name())) {
            counters.count(Event.UNKNOWN); // another network's name is nobody's business, least of all a stranger's
            send(query, query.answer(Rcode.NXDOMAIN), reply);
        } else if (!query.wantsRecursion()) {
            counters.count(Event.REFUSED);
            send(query, query.answer(Rcode.REFUSED), reply);
        } else {
            forwarder.ask(query, answer -> send(query, answer, reply));
        }
    }

    private void send(Query query, Message answer, Consumer<byte[]> reply) {
        byte[] wire = query.wire(answer);
        if ((wire[2] & 0x02) != 0 && !answer.getHeader().getFlag(Flags.TC)) {
            counters.count(Event.TRUNCATED);
        }
        reply.accept(wire);
    }
}
