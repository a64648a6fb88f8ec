package dev.weft.mesh.dns;

import dev.weft.mesh.dns.NameCounters.Event;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;

/**
 * Asks the host's name servers, one after the other, by UDP and when an answer is truncated by TCP. Of equal questions one is under
 * way at a time and the others wait for its answer: should the question come back to this node, it goes round once and no more.
 * Thread-safe.
 */
final class Forwarder {

    /** With one server. */
    static final Duration PATIENCE = Duration.ofSeconds(2);
    /** As many as resolvers take (resolv.conf(5), MAXNS). */
    private static final int MAX_SERVERS = 3;
    /** Each holds a socket. */
    private static final int MAX_UNDER_WAY = 512;
    /** Questions that wait for an answer, equal ones counted each. */
    private static final int MAX_WAITING = 8_192;
    private static final int DNSSEC_OK = 0x8000;

    /** What makes two questions equal. Names are without regard to case. */
    record Key(Name name, int type, boolean signatures, boolean checkingDisabled) {
        static Key of(Query query) {
            return new Key(query.question().getName(), query.question().getType(), query.wantsSignatures(), query.checkingDisabled());
        }
    }

    private final Supplier<List<InetSocketAddress>> servers;
    private final ForwardCache cache;
    private final NameCounters counters;
    private final LongSupplier nanoClock;
    private final Duration patience;
    private final Map<Key, CompletableFuture<Message>> underWay = new ConcurrentHashMap<>();
    private final AtomicInteger waiting = new AtomicInteger();
    /** Which server to ask first: one that answered last. */
    private volatile InetSocketAddress preferred;

    /**
     * @param servers  asked for before each question, best first
     * @param patience with one server; {@link #PATIENCE}, or a test's
     */
    Forwarder(Supplier<List<InetSocketAddress>> servers, ForwardCache cache, NameCounters counters, LongSupplier nanoClock, Duration patience) {
        this.servers = servers;
        this.cache = cache;
        this.counters = counters;
        this.nanoClock = nanoClock;
        this.patience = patience;
    }

    void ask(Query query, Consumer<Message> answer) {
        Key key = Key.of(query);
        Message known = cache.find(key, nanoClock.getAsLong());
        if (known != null) {
            counters.count(Event.FROM_CACHE);
            answer.accept(query.relayed(known));
            return;
        }
        counters.count(Event.FORWARDED);
        if (waiting.get() >= MAX_WAITING || underWay.size() >= MAX_UNDER_WAY && !underWay.containsKey(key)) {
            answer.accept(query.answer(Rcode.SERVFAIL));
            return;
        }
        waiting.incrementAndGet();
        CompletableFuture<Message> mine = new CompletableFuture<>();
        CompletableFuture<Message> first = underWay.putIfAbsent(key, mine);
        (first == null ? mine : first).thenAccept(found -> {
            waiting.decrementAndGet();
            answer.accept(found == null ? query.answer(Rcode.SERVFAIL) : query.relayed(found));
        });
        if (first == null) {
            askNext(key, inOrder(servers.get()), 0, mine);
        }
    }

    private List<InetSocketAddress> inOrder(List<InetSocketAddress> all) {
        List<InetSocketAddress> some = all.stream().limit(MAX_SERVERS).toList();
        InetSocketAddress first = preferred;
        return some.contains(first) ? Stream.concat(Stream.of(first),
                some.stream().filter(server -> !server.equals(first))).toList() : some;
    }

    private void askNext(Key key, List<InetSocketAddress> candidates, int n, CompletableFuture<Message> asked) {
        if (n == candidates.size()) {
            counters.count(Event.UNREACHED);
            underWay.remove(key, asked);
            asked.complete(null);
            return;
        }
        SimpleResolver server = new SimpleResolver(candidates.get(n));
        server.setTimeout(patience);
        server.sendAsync(question(key)).whenComplete((answer, failure) -> {
            if (failure != null || !isAnswer(answer)) {
                askNext(key, candidates, n + 1, asked);
                return;
            }
            preferred = candidates.get(n);
            cache.put(key, answer, nanoClock.getAsLong());
            underWay.remove(key, asked);
            asked.complete(answer);
        });
    }

    /** What only says that this server could not, another one may know. */
    private static boolean isAnswer(Message message) {
        return message.getRcode() == Rcode.NOERROR || message.getRcode() == Rcode.NXDOMAIN;
    }

    private static Message question(Key key) {
        Message question = Message.newQuery(Record.newRecord(key.name(), key.type(), DClass.IN));
        question.addRecord(new OPTRecord(Query.EDNS_PAYLOAD, 0, 0, key.signatures() ? DNSSEC_OK : 0), Section.ADDITIONAL);
        if (key.checkingDisabled()) {
            question.getHeader().setFlag(Flags.CD);
        }
        return question;
    }
}
