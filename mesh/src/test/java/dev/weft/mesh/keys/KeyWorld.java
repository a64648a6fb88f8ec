package dev.weft.mesh.keys;

import dev.weft.api.Cidr;
import dev.weft.api.Cipher;
import dev.weft.api.path.SecurityAssociation;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * Nodes, their data paths, connections and packets in virtual time; all that happens follows from one seed. What must never happen ends
 * the run: a packet sealed with an SA that its receiver does not have, an IV used twice, a key used beyond its life or its limit.
 */
final class KeyWorld {

    static final Cipher CIPHER = Cipher.AES_128_GCM;
    private static final long TICK_EVERY = 200;
    private static final long USAGE_EVERY = 1_000;
    /** Connecting again is tried so often, in ms. */
    private static final long DIAL_EVERY = 500;

    private record Event(long at, long number, Runnable action) {
    }

    final Random random;
    final KeyLimits limits;
    private final PriorityQueue<Event> events = new PriorityQueue<>((a, b) -> a.at() != b.at() ? Long.compare(a.at(), b.at())
            : Long.compare(a.number(), b.number()));
    private final Map<String, SimulatedNode> nodes = new TreeMap<>();
    private final List<SimulatedLink> links = new ArrayList<>();
    /** By key: the highest sequence number that was sealed, and since when it is in use. */
    private final Map<String, Long> sealed = new HashMap<>();
    private final Map<String, Long> firstSealed = new HashMap<>();
    private long now;
    private long numbers;
    /** Whether messages pass; connections stay open and silent otherwise. */
    boolean partitioned;
    long packets;
    long delivered;
    /** Not sealed for want of an SA. */
    long noSa;
    /** Lost with the process that they were under way to. */
    long lostWithProcess;
    /** Sealed with an SA of a process that is dead. */
    long toDeadProcess;

    /** @param packetEvery milliseconds between two packets of a node to another */
    KeyWorld(long seed, KeyLimits limits, int nodeCount, long packetEvery) {
        this.random = new Random(seed);
        this.limits = limits;
        for (int i = 0; i < nodeCount; i++) {
            String id = "node" + i;
            // clocks that were never set: one is days ahead of another
            nodes.put(id, new SimulatedNode(this, id, Cidr.parseAddress("192.0.2." + (i + 1)), random.nextLong(1L << 40)));
        }
        nodes.values().forEach(SimulatedNode::boot);
        every(packetEvery, () -> nodes.values().forEach(from -> nodes.values().forEach(to -> packet(from, to))));
        every(TICK_EVERY, () -> nodes.values().forEach(SimulatedNode::tick));
        every(USAGE_EVERY, () -> nodes.values().forEach(SimulatedNode::reportUsage));
        every(DIAL_EVERY, () -> nodes.values().forEach(SimulatedNode::dial));
    }

    long now() {
        return now;
    }

    SimulatedNode node(String id) {
        return nodes.get(id);
    }

    List<SimulatedNode> nodes() {
        return List.copyOf(nodes.values());
    }

    Set<String> ids() {
        return nodes.keySet();
    }

    void after(long delay, Runnable action) {
        events.add(new Event(now + delay, numbers++, action));
    }

    void every(long period, Runnable action) {
        after(period, () -> {
            action.run();
            every(period, action);
        });
    }

    long between(long least, long most) {
        return least + random.nextLong(most - least + 1);
    }

    void runFor(long millis) {
        long end = now + millis;
        while (events.peek().at() <= end) {
            Event next = events.poll();
            now = next.at();
            next.action().run();
        }
        now = end;
    }

    /** Both ends meet after a while, unless one of them is gone by then. */
    void connect(SimulatedNode from, SimulatedNode to) {
        SimulatedNode.Process caller = from.process();
        after(between(1, 30), () -> {
            if (!partitioned && caller.isAlive() && to.isUp()) {
                links.add(SimulatedLink.open(this, caller, to.process()));
            }
        });
    }

    void cutLinks() {
        List.copyOf(links).forEach(SimulatedLink::cut);
    }

    void forget(SimulatedLink link) {
        links.remove(link);
    }

    /** Through the bytes, as on a real connection: the two processes share no object. */
    static KeyMessage copy(byte[] bytes) {
        try {
            return KeyMessageCodec.read(new ByteArrayInputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void packet(SimulatedNode from, SimulatedNode to) {
        if (from == to || !from.isUp() || !from.shares(to)) {
            return;
        }
        packets++;
        SecurityAssociation sa = from.path().outbound(to.vtep());
        if (sa == null || from.path().sequence(sa) >= sa.limit().packets()) {
            noSa++;
            return;
        }
        String key = keyOf(sa);
        long sequence = from.path().seal(sa);
        require(sealed.merge(key, sequence, (before, fresh) -> before < fresh ? fresh : -1L) == sequence, "an IV twice: " + key);
        long since = firstSealed.computeIfAbsent(key, each -> now);
        require(now - since <= limits.lifeMillis() + TICK_EVERY + 2 * from.slowestApply, "a key sealed after the end of its life");
        require(sequence <= limits.most(1).packets(), "a key sealed more than its limit");
        SimulatedNode.Process receiver = to.processOf(sa.spi());
        after(between(1, 100), () -> arrive(sa, key, to, receiver));
    }

    private void arrive(SecurityAssociation sa, String key, SimulatedNode to, SimulatedNode.Process receiver) {
        if (receiver == null) {
            toDeadProcess++;
        } else if (!receiver.isAlive()) {
            lostWithProcess++;
        } else {
            SecurityAssociation here = receiver.path().inbound(sa.spi());
            require(here != null, "a packet came to " + to.id() + " with an SA that it has not, at " + now);
            require(keyOf(here).equals(key), "an SPI stands for two keys");
            delivered++;
        }
    }

    /** A key that was wiped too early is found out here. */
    static String keyOf(SecurityAssociation sa) {
        byte[] bytes = new byte[sa.key().length()];
        sa.key().copyTo(MemorySegment.ofArray(bytes));
        return HexFormat.of().formatHex(bytes);
    }

    static void require(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }

    /** Keys that were sealed with. */
    int keysUsed() {
        return sealed.size();
    }
}
