package dev.weft.api.wire;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Network byte order over unaligned memory; the one place where the packet headers read and write. */
public final class BigEndian {

    private static final ValueLayout.OfShort SHORT = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private BigEndian() {
    }

    /** 0 to 255. */
    public static int getByte(MemorySegment memory, long offset) {
        return memory.get(JAVA_BYTE, offset) & 0xff;
    }

    public static void putByte(MemorySegment memory, long offset, int value) {
        memory.set(JAVA_BYTE, offset, (byte) value);
    }

    /** 0 to 65535. */
    public static int getShort(MemorySegment memory, long offset) {
        return memory.get(SHORT, offset) & 0xffff;
    }

    public static void putShort(MemorySegment memory, long offset, int value) {
        memory.set(SHORT, offset, (short) value);
    }

    public static int getInt(MemorySegment memory, long offset) {
        return memory.get(INT, offset);
    }

    public static void putInt(MemorySegment memory, long offset, int value) {
        memory.set(INT, offset, value);
    }

    public static long getLong(MemorySegment memory, long offset) {
        return memory.get(LONG, offset);
    }

    public static void putLong(MemorySegment memory, long offset, long value) {
        memory.set(LONG, offset, value);
    }

    /** 48 bits: a MAC address. */
    public static long getMac(MemorySegment memory, long offset) {
        return (long) getShort(memory, offset) << 32 | getInt(memory, offset + 2) & 0xffff_ffffL;
    }

    public static void putMac(MemorySegment memory, long offset, long value) {
        putShort(memory, offset, (int) (value >>> 32));
        putInt(memory, offset + 2, (int) value);
    }
}
