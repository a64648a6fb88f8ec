package dev.weft.ffm.netlink;

import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * One netlink message while it is written: header, family header, attributes. Host byte order, aligned to four bytes;
 * network order where a method says so. Not thread-safe.
 *
 * <pre>
 *   nlmsghdr (16)                    family header          attributes
 *   len 4 | type 2 | flags 2 | seq 4 | pid 4 | ifinfomsg, ... | len 2 | type 2 | value | padding | ...
 * </pre>
 */
public final class NetlinkMessage {

    public static final int NLM_F_REQUEST = 0x1;
    public static final int NLM_F_ACK = 0x4;
    public static final int NLM_F_DUMP = 0x300;
    public static final int NLM_F_REPLACE = 0x100;
    public static final int NLM_F_EXCL = 0x200;
    public static final int NLM_F_CREATE = 0x400;
    public static final int NLM_F_APPEND = 0x800;

    static final int HEADER = 16;
    static final int NLA_F_NESTED = 0x8000;

    private static final int ATTRIBUTE_HEADER = 4;

    /** Bytes that are not in the message before it is sent. */
    private record Secret(int offset, int length, Consumer<MemorySegment> writer) {
    }

    private final int type;
    private int flags;
    private final String what;
    private final List<Secret> secrets = new ArrayList<>();
    private ByteBuffer bytes = ByteBuffer.allocate(256).order(ByteOrder.nativeOrder());

    /**
     * @param flags NLM_F_*; NLM_F_REQUEST is added
     * @param what  the request in words, for errors: {@code "make bridge br0"}
     */
    public NetlinkMessage(int type, int flags, String what) {
        this.type = type;
        this.flags = flags | NLM_F_REQUEST;
        this.what = what;
        bytes.position(HEADER);
    }

    public String what() {
        return what;
    }

    /** Has the kernel confirm it. */
    public NetlinkMessage acknowledged() {
        flags |= NLM_F_ACK;
        return this;
    }

    /** True when the kernel is asked to confirm, or to list. */
    boolean expectsAnswer() {
        return (flags & (NLM_F_ACK | NLM_F_DUMP)) != 0;
    }

    public NetlinkMessage u8(int value) {
        room(1).put((byte) value);
        return this;
    }

    public NetlinkMessage u16(int value) {
        room(2).putShort((short) value);
        return this;
    }

    public NetlinkMessage u16be(int value) {
        room(2).put((byte) (value >> 8)).put((byte) value);
        return this;
    }

    public NetlinkMessage u32(int value) {
        room(4).putInt(value);
        return this;
    }

    public NetlinkMessage u64(long value) {
        room(8).putLong(value);
        return this;
    }

    /** So many zero bytes. */
    public NetlinkMessage zeros(int count) {
        return raw(new byte[count]);
    }

    /**
     * Bytes that never are on the Java heap, where the collector would leave copies of them.
     *
     * @param writer called for each time the message is sent, with native memory that is wiped right afterwards
     */
    public NetlinkMessage secret(int length, Consumer<MemorySegment> writer) {
        secrets.add(new Secret(bytes.position(), length, writer));
        return zeros(length);
    }

    public NetlinkMessage raw(byte... value) {
        room(value.length).put(value);
        return this;
    }

    public NetlinkMessage attribute(int attribute, byte... value) {
        return header(attribute, value.length).raw(value).pad();
    }

    public NetlinkMessage attribute(int attribute, InetAddress value) {
        return attribute(attribute, value.getAddress());
    }

    /** A string and the zero behind it. */
    public NetlinkMessage attribute(int attribute, String value) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        return attribute(attribute, Arrays.copyOf(text, text.length + 1));
    }

    public NetlinkMessage attribute8(int attribute, int value) {
        return attribute(attribute, (byte) value);
    }

    public NetlinkMessage attribute16(int attribute, int value) {
        return header(attribute, 2).u16(value).pad();
    }

    /** In network order. */
    public NetlinkMessage attribute16be(int attribute, int value) {
        return header(attribute, 2).u16be(value).pad();
    }

    public NetlinkMessage attribute32(int attribute, int value) {
        return header(attribute, 4).u32(value);
    }

    /** In network order. */
    public NetlinkMessage attribute32be(int attribute, int value) {
        return attribute32(attribute, Integer.reverseBytes(value));
    }

    /** In network order. */
    public NetlinkMessage attribute64be(int attribute, long value) {
        header(attribute, 8);
        room(8).putLong(Long.reverseBytes(value));
        return this;
    }

    /** An attribute whose value is what the writer writes; NLA_F_NESTED is set. */
    public NetlinkMessage nested(int attribute, Consumer<NetlinkMessage> writer) {
        return attribute(attribute | NLA_F_NESTED, writer);
    }

    /** An attribute whose value, a struct, is what the writer writes. */
    public NetlinkMessage attribute(int attribute, Consumer<NetlinkMessage> writer) {
        int start = bytes.position();
        header(attribute, 0);
        writer.accept(this);
        bytes.putShort(start, (short) (bytes.position() - start));
        return pad();
    }

    private NetlinkMessage header(int attribute, int length) {
        return u16(ATTRIBUTE_HEADER + length).u16(attribute);
    }

    private NetlinkMessage pad() {
        while (bytes.position() % 4 != 0) {
            u8(0);
        }
        return this;
    }

    private ByteBuffer room(int count) {
        if (bytes.remaining() < count) {
            ByteBuffer larger = ByteBuffer.allocate(Math.max(bytes.capacity() * 2, bytes.position() + count)).order(ByteOrder.nativeOrder());
            bytes = larger.put(bytes.flip());
        }
        return bytes;
    }

    /** The whole message, padded. */
    byte[] encode(int sequence) {
        pad();
        int length = bytes.position();
        bytes.putInt(0, length).putShort(4, (short) type).putShort(6, (short) flags).putInt(8, sequence).putInt(12, 0);
        return Arrays.copyOf(bytes.array(), length);
    }

    /** Puts in what {@link #encode} left out. @param encoded where the encoded message is */
    void writeSecrets(MemorySegment encoded) {
        secrets.forEach(secret -> secret.writer().accept(encoded.asSlice(secret.offset(), secret.length())));
    }
}
