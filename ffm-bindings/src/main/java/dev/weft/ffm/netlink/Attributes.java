package dev.weft.ffm.netlink;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The attributes of a received message, or those nested in one attribute. Immutable; the last of a type counts. */
public final class Attributes {

    private static final int TYPE_MASK = 0x3fff;
    private static final int ATTRIBUTE_HEADER = 4;

    private final Map<Integer, byte[]> values = new LinkedHashMap<>();
    private final List<byte[]> all = new ArrayList<>();

    private Attributes() {
    }

    /** Reads attributes up to the end, or to one whose length makes no sense. */
    public static Attributes of(byte[] bytes, int from) {
        Attributes read = new Attributes();
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        int at = from;
        while (at + ATTRIBUTE_HEADER <= bytes.length) {
            int length = buffer.getShort(at) & 0xffff;
            if (length < ATTRIBUTE_HEADER || at + length > bytes.length) {
                break;
            }
            byte[] value = new byte[length - ATTRIBUTE_HEADER];
            buffer.get(at + ATTRIBUTE_HEADER, value);
            read.values.put(buffer.getShort(at + 2) & TYPE_MASK, value);
            read.all.add(value);
            at += length + 3 & ~3;
        }
        return read;
    }

    public boolean has(int attribute) {
        return values.containsKey(attribute);
    }

    public Optional<byte[]> bytes(int attribute) {
        return Optional.ofNullable(values.get(attribute)).map(byte[]::clone);
    }

    public Optional<String> string(int attribute) {
        return Optional.ofNullable(values.get(attribute)).map(value -> {
            int end = 0;
            while (end < value.length && value[end] != 0) {
                end++;
            }
            return new String(value, 0, end, StandardCharsets.UTF_8);
        });
    }

    /** An integer of one, two or four bytes in host order, unsigned up to two. */
    public OptionalInt integer(int attribute) {
        byte[] value = values.get(attribute);
        if (value == null || value.length == 0) {
            return OptionalInt.empty();
        }
        ByteBuffer buffer = ByteBuffer.wrap(value).order(ByteOrder.nativeOrder());
        return OptionalInt.of(switch (value.length) {
            case 1 -> value[0] & 0xff;
            case 2, 3 -> buffer.getShort() & 0xffff;
            default -> buffer.getInt();
        });
    }

    public Optional<InetAddress> address(int attribute) {
        return Optional.ofNullable(values.get(attribute)).map(value -> {
            try {
                return InetAddress.getByAddress(value);
            } catch (UnknownHostException e) {
                throw new IllegalStateException("the kernel sent an address of " + value.length + " bytes", e);
            }
        });
    }

    public Attributes nested(int attribute) {
        byte[] value = values.get(attribute);
        return of(value == null ? new byte[0] : value, 0);
    }

    /** All values in the order of the message: for lists, whose elements share a type. */
    public List<byte[]> elements() {
        return List.copyOf(all);
    }
}
