package dev.weft.kernel.nft;

import dev.weft.api.counter.DropReason;
import dev.weft.ffm.libc.Errno;
import dev.weft.ffm.netlink.Attributes;
import dev.weft.ffm.netlink.NetlinkException;
import dev.weft.ffm.netlink.NetlinkMessage;
import dev.weft.ffm.netlink.NetlinkReply;
import dev.weft.ffm.netlink.NetlinkSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One nf_tables table with all that is in it, replaced as a whole in one transaction, and only when it is not so already: the
 * table carries a digest of what was asked for.
 */
public final class Ruleset {

    static final int INET = 1;
    static final int IPV4 = 2;
    static final int NETDEV = 5;
    static final int BRIDGE = 7;
    static final int IPV6 = 10;

    private static final int SUBSYSTEM = 10;
    private static final int BATCH_BEGIN = 0x10;
    private static final int BATCH_END = 0x11;
    private static final int NEWTABLE = 0;
    private static final int GETTABLE = 1;
    private static final int DELTABLE = 2;
    private static final int NEWCHAIN = 3;
    private static final int NEWRULE = 6;
    private static final int GETRULE = 7;
    private static final int DELRULE = 8;
    private static final int NEWSET = 9;
    private static final int GETSET = 10;
    private static final int DELSET = 11;
    private static final int NEWSETELEM = 12;
    private static final int IS_MAP = 8;
    private static final int HAS_TIMEOUT = 0x10;
    private static final int FROM_RULES = 0x20;
    private static final int EGRESS = 1;
    /** Far below the 64 kB that an attribute may have. */
    private static final int ELEMENTS_OF_ONE_MESSAGE = 500;
    private static final int NFGENMSG = 4;
    private static final int TABLE_NAME = 1;
    private static final int TABLE_USERDATA = 6;
    private static final int SET_NAME = 2;
    private static final int RULE_CHAIN = 2;
    private static final int RULE_EXPRESSIONS = 4;
    private static final int EXPRESSION_NAME = 1;
    private static final int EXPRESSION_DATA = 2;
    private static final int COUNTER_PACKETS = 2;
    private static final int CREATE = NetlinkMessage.NLM_F_CREATE;

    private final int family;
    private final String table;
    private final List<NetlinkMessage> contents = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private final Map<String, List<DropReason>> reasons = new LinkedHashMap<>();
    private int sets;

    Ruleset(int family, String table) {
        this.family = family;
        this.table = table;
    }

    /** A chain at a hook. @param type {@code filter}, {@code nat}, or {@code route}: what it changes is routed anew */
    void chain(String name, String type, int hook, int priority) {
        text.append("chain ").append(name).append(type).append(hook).append(' ').append(priority).append('\n');
        contents.add(message(NEWCHAIN, CREATE, "make chain " + name).attribute(1, table).attribute(3, name)
                .nested(4, at -> at.attribute32be(1, hook).attribute32be(2, priority)).attribute(7, type));
    }

    /** A chain at the way out of one interface, of the family {@link #NETDEV}. It goes with the interface. */
    void egressChain(String name, String interfaceName, int interfaceIndex) {
        text.append("egress ").append(name).append(interfaceName).append(' ').append(interfaceIndex).append('\n');
        contents.add(message(NEWCHAIN, CREATE, "make chain " + name).attribute(1, table).attribute(3, name)
                .nested(4, at -> at.attribute32be(1, EGRESS).attribute32be(2, 0).attribute(3, interfaceName)).attribute(7, "filter"));
    }

    /** A chain that others lead to. */
    void chain(String name) {
        text.append("chain ").append(name).append('\n');
        contents.add(message(NEWCHAIN, CREATE, "make chain " + name).attribute(1, table).attribute(3, name));
    }

    void rule(String chain, Expressions expressions) {
        text.append("rule ").append(chain).append(' ').append(expressions.text()).append('\n');
        contents.add(message(NEWRULE, CREATE | NetlinkMessage.NLM_F_APPEND, "make a rule in " + chain).attribute(1, table)
                .attribute(RULE_CHAIN, chain).nested(RULE_EXPRESSIONS, expressions::write));
    }

    /** A rule that drops what matches, and counts it. */
    void drop(String chain, DropReason reason, Expressions expressions) {
        rule(chain, expressions.count().drop());
        reasons.computeIfAbsent(chain, name -> new ArrayList<>()).add(reason);
    }

    /** A set of keys that all have that length. */
    void set(String name, int keyLength, List<byte[]> keys) {
        text.append("set ").append(name).append(' ');
        keys.forEach(key -> text.append(HexFormat.of().formatHex(key)).append(' '));
        text.append('\n');
        int id = ++sets;
        contents.add(message(NEWSET, CREATE, "make set " + name).attribute(1, table).attribute(2, name).attribute32be(3, 0)
                .attribute32be(4, 0).attribute32be(5, keyLength).attribute32be(10, id));
        for (int from = 0; from < keys.size(); from += ELEMENTS_OF_ONE_MESSAGE) {
            List<byte[]> some = keys.subList(from, Math.min(keys.size(), from + ELEMENTS_OF_ONE_MESSAGE));
            contents.add(message(NEWSETELEM, CREATE, "fill set " + name).attribute(1, table).attribute(2, name).attribute32be(4, id)
                    .nested(3, elements -> some.forEach(key -> elements.nested(1, element -> element.nested(1, value -> value.attribute(1, key))))));
        }
    }

    /** A set that rules fill with keys of that length ({@link Expressions#remember}); each leaves when nobody has put it there for a while. */
    void memory(String name, int keyLength, int size) {
        text.append("memory ").append(name).append(' ').append(keyLength).append(' ').append(size).append('\n');
        contents.add(message(NEWSET, CREATE, "make set " + name).attribute(1, table).attribute(2, name).attribute32be(3, HAS_TIMEOUT | FROM_RULES)
                .attribute32be(4, 0).attribute32be(5, keyLength).nested(9, description -> description.attribute32be(1, size))
                .attribute32be(10, ++sets));
    }

    /** A map from slots, 0 to values.size() - 1 (an int in the machine's own order, as generators give it), to values of one length. */
    void map(String name, List<byte[]> values) {
        map(name, IntStream.range(0, values.size()).mapToObj(Ruleset::native32).toList(), values);
    }

    /** A map from keys of one length to values of one length. */
    void map(String name, List<byte[]> keys, List<byte[]> values) {
        text.append("map ").append(name).append(' ');
        keys.forEach(key -> text.append(HexFormat.of().formatHex(key)).append(' '));
        values.forEach(value -> text.append(HexFormat.of().formatHex(value)).append(' '));
        text.append('\n');
        int id = ++sets;
        contents.add(message(NEWSET, CREATE, "make map " + name).attribute(1, table).attribute(2, name).attribute32be(3, IS_MAP)
                .attribute32be(4, 0).attribute32be(5, keys.getFirst().length).attribute32be(6, 0).attribute32be(7, values.getFirst().length)
                .nested(9, description -> description.attribute32be(1, values.size())).attribute32be(10, id));
        for (int from = 0; from < values.size(); from += ELEMENTS_OF_ONE_MESSAGE) {
            int first = from;
            int end = Math.min(values.size(), from + ELEMENTS_OF_ONE_MESSAGE);
            contents.add(message(NEWSETELEM, CREATE, "fill map " + name).attribute(1, table).attribute(2, name).attribute32be(4, id)
                    .nested(3, elements -> IntStream.range(first, end).forEach(slot -> elements.nested(1, element -> element
                            .nested(1, key -> key.attribute(1, keys.get(slot)))
                            .nested(2, data -> data.attribute(1, values.get(slot)))))));
        }
    }

    /** What is there from the start and is changed later ({@link #amend}), without the table being another one for that. */
    void changing(Runnable contents) {
        int told = text.length();
        contents.run();
        text.setLength(told);
    }

    /** What no rule says, but makes the table another one when it changes. */
    void told(String what) {
        text.append(what).append('\n');
    }

    /** Takes all rules out of a chain that is there; what follows may put others in. */
    void empty(String chain) {
        contents.add(message(DELRULE, 0, "empty chain " + chain).attribute(1, table).attribute(RULE_CHAIN, chain));
    }

    /** Removes a set or map that is there and that no rule looks into. */
    void removeSet(String name) {
        contents.add(message(DELSET, 0, "remove set " + name).attribute(1, table).attribute(SET_NAME, name));
    }

    /** As the machine has it in memory. */
    static byte[] native32(int value) {
        return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder()).putInt(value).array();
    }

    /** @return true when something had to be written */
    boolean apply(NetlinkSocket socket) {
        byte[] digest = digest();
        Optional<byte[]> found = digestOfTable(socket);
        if (found.isPresent() && Arrays.equals(found.get(), digest)) {
            return false;
        }
        List<NetlinkMessage> batch = new ArrayList<>();
        batch.add(boundary(BATCH_BEGIN));
        if (found.isPresent()) {
            batch.add(message(DELTABLE, 0, "replace table " + table).attribute(TABLE_NAME, table));
        }
        batch.add(message(NEWTABLE, CREATE, "make table " + table).attribute(TABLE_NAME, table).attribute(TABLE_USERDATA, digest));
        send(socket, batch);
        return true;
    }

    /** Does all this to the table that is there, which stays the one that it was ({@link #changing}). */
    void amend(NetlinkSocket socket) {
        send(socket, new ArrayList<>(List.of(boundary(BATCH_BEGIN))));
    }

    private void send(NetlinkSocket socket, List<NetlinkMessage> batch) {
        batch.addAll(contents);
        batch.getLast().acknowledged(); // one answer for all; refusals come in any case
        batch.add(boundary(BATCH_END));
        socket.batch(batch);
    }

    /** The table's sets and maps. */
    List<String> setNames(NetlinkSocket socket) {
        return socket.query(message(GETSET, NetlinkMessage.NLM_F_DUMP, "list the sets of " + table).attribute(1, table)).stream()
                .flatMap(reply -> reply.attributes(NFGENMSG).string(SET_NAME).stream()).toList();
    }

    /** Takes away the tables of that name, of any family. @return what was there */
    public static List<String> removeAll(NetlinkSocket socket, String table) {
        return Stream.of(INET, BRIDGE).map(family -> new Ruleset(family, table)).filter(rules -> rules.remove(socket))
                .map(rules -> "nf_tables table " + (rules.family == INET ? "inet " : "bridge ") + table).toList();
    }

    /** Takes the table away. @return whether it was there */
    boolean remove(NetlinkSocket socket) {
        boolean found = digestOfTable(socket).isPresent();
        if (found) {
            socket.batch(List.of(boundary(BATCH_BEGIN),
                    message(DELTABLE, NetlinkMessage.NLM_F_ACK, "remove table " + table).attribute(TABLE_NAME, table), boundary(BATCH_END)));
        }
        return found;
    }

    private byte[] digest() {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    private Optional<byte[]> digestOfTable(NetlinkSocket socket) {
        try {
            return socket.query(message(GETTABLE, NetlinkMessage.NLM_F_ACK, "find table " + table).attribute(TABLE_NAME, table)).stream()
                    .map(reply -> reply.attributes(NFGENMSG).bytes(TABLE_USERDATA).orElse(new byte[0])).findFirst();
        } catch (NetlinkException e) {
            if (e.errno() == Errno.ENOENT) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Packets that the rules of this table have dropped, by reason; 0 for those that somebody else has removed. */
    Map<DropReason, Long> dropped(NetlinkSocket socket) {
        Map<DropReason, Long> dropped = new EnumMap<>(DropReason.class);
        reasons.forEach((chain, expected) -> {
            List<Long> counts = counts(socket, chain);
            for (int i = 0; i < expected.size(); i++) {
                dropped.merge(expected.get(i), i < counts.size() ? counts.get(i) : 0, Long::sum);
            }
        });
        return dropped;
    }

    /** What the rules of a chain that count have counted, in their order. */
    List<Long> counts(NetlinkSocket socket, String chain) {
        NetlinkMessage dump = message(GETRULE, NetlinkMessage.NLM_F_DUMP, "read the rules of " + chain).attribute(1, table)
                .attribute(RULE_CHAIN, chain);
        return socket.query(dump).stream().map(Ruleset::count).filter(count -> count >= 0).toList();
    }

    private static long count(NetlinkReply rule) {
        return rule.attributes(NFGENMSG).nested(RULE_EXPRESSIONS).elements().stream().map(element -> Attributes.of(element, 0))
                .filter(expression -> expression.string(EXPRESSION_NAME).filter("counter"::equals).isPresent())
                .map(expression -> expression.nested(EXPRESSION_DATA).bytes(COUNTER_PACKETS).orElseThrow())
                .mapToLong(bytes -> ByteBuffer.wrap(bytes).getLong()).findFirst().orElse(-1);
    }

    private NetlinkMessage message(int type, int flags, String what) {
        return new NetlinkMessage(SUBSYSTEM << 8 | type, flags, what).u8(family).u8(0).u16be(0);
    }

    private static NetlinkMessage boundary(int type) {
        return new NetlinkMessage(type, 0, "an nf_tables transaction").u8(0).u8(0).u16be(SUBSYSTEM);
    }
}
