package dev.weft.testing;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/** Packets of literal bytes, in memory that ends where they end: whoever reads on gets an IndexOutOfBoundsException. */
public final class Packet {

    private Packet() {
    }

    /** Bytes of hexadecimal digits; white space and colons are ignored. */
    public static byte[] bytes(String... hex) {
        return HexFormat.of().parseHex(String.join("", hex).replaceAll("[\\s:]", ""));
    }

    /** Native memory with the bytes at offset 0. */
    public static MemorySegment of(String... hex) {
        return at(0, bytes(hex));
    }

    /** Native memory with the bytes at {@code offset}, which may be odd, and nothing behind them. */
    public static MemorySegment at(int offset, byte[] bytes) {
        MemorySegment memory = Arena.ofAuto().allocate(offset + bytes.length + 1L, 8).asSlice(0, offset + bytes.length);
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, offset, bytes.length);
        return memory;
    }

    /** The first {@code length} bytes alone. */
    public static MemorySegment truncated(MemorySegment packet, int length) {
        return packet.asSlice(0, length);
    }

    /** As hexadecimal digits. */
    public static String hex(MemorySegment memory, long offset, int length) {
        return HexFormat.of().formatHex(memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
    }
}
