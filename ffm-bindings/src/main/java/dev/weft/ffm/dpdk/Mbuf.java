package dev.weft.ffm.dpdk;

import dev.weft.ffm.libc.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** struct rte_mbuf as a flyweight over its address. All of native memory is one segment here, confined to this class and the packet pool. */
public final class Mbuf {

    private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    /** Fields are aligned. Layouts that ask for it have each access looked at, which takes longer than the access. */
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private Mbuf() {
    }

    /** All of native memory; addresses are offsets in it. Nothing checks them. */
    public static MemorySegment memory() {
        return MEMORY;
    }

    private static long field(long mbuf) {
        return NativeMemory.address(mbuf);
    }

    /** As rte_pktmbuf_reset: one segment, no offload, data behind the headroom. */
    public static void reset(long mbuf, DpdkAbi abi) {
        MEMORY.set(LONG, field(mbuf) + MbufLayout.DATA_OFF, MbufLayout.FRESH);
        MEMORY.set(LONG, field(mbuf) + MbufLayout.OL_FLAGS, 0);
        MEMORY.set(INT, field(mbuf) + MbufLayout.PACKET_TYPE, 0);
        MEMORY.set(LONG, field(mbuf) + MbufLayout.TX_OFFLOAD, 0);
        MEMORY.set(LONG, field(mbuf) + abi.mbufNext(), 0);
    }

    /** Where the buffer begins, headroom included. */
    public static long buffer(long mbuf) {
        return MEMORY.get(LONG, field(mbuf) + MbufLayout.BUF_ADDR);
    }

    /** Where the packet begins. */
    public static long data(long mbuf) {
        return buffer(mbuf) + (MEMORY.get(U16, field(mbuf) + MbufLayout.DATA_OFF) & 0xffff);
    }

    /** @param address within the buffer */
    public static void data(long mbuf, long address) {
        MEMORY.set(U16, field(mbuf) + MbufLayout.DATA_OFF, (short) (address - buffer(mbuf)));
    }

    /** Bytes of the (first) segment. */
    public static int dataLength(long mbuf) {
        return MEMORY.get(U16, field(mbuf) + MbufLayout.DATA_LEN) & 0xffff;
    }

    /** Sets the length of a packet of one segment. */
    public static void length(long mbuf, int bytes) {
        MEMORY.set(INT, field(mbuf) + MbufLayout.PKT_LEN, bytes);
        MEMORY.set(U16, field(mbuf) + MbufLayout.DATA_LEN, (short) bytes);
    }

    /**
     * Makes an mbuf of one segment ready for transmit, whatever it was received with.
     *
     * @param address where the packet begins, within the buffer
     */
    public static void prepare(long mbuf, long address, int bytes) {
        data(mbuf, address);
        length(mbuf, bytes);
        MEMORY.set(LONG, field(mbuf) + MbufLayout.OL_FLAGS, 0);
    }

    public static int segments(long mbuf) {
        return MEMORY.get(U16, field(mbuf) + MbufLayout.NB_SEGS) & 0xffff;
    }

    /** Bytes behind the headroom. */
    public static int dataRoom(long mbuf) {
        return (MEMORY.get(U16, field(mbuf) + MbufLayout.BUF_LEN) & 0xffff) - MbufLayout.HEADROOM;
    }

    /** The pool it belongs to. */
    public static long pool(long mbuf) {
        return MEMORY.get(LONG, field(mbuf) + MbufLayout.POOL);
    }
}
