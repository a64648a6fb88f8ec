package dev.weft.dpdk.pipeline;

import dev.weft.api.counter.DropReason;
import dev.weft.dpdk.esp.OutboundSa;
import dev.weft.dpdk.table.SaTable;
import dev.weft.dpdk.table.Tables;
import dev.weft.ffm.dpdk.Mbuf;
import dev.weft.ffm.libc.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Up to {@link #CAPACITY} packets on their way through the stages: a struct of arrays, preallocated, and the event of the
 * Disruptor ring. Owned by one thread at a time; the fields are open to the stages because they are the packet path.
 *
 * <p>A slot's life:
 * <pre>
 *   add()          ->  OPEN (dropped as UNFINISHED if it stays so)
 *   drop(i, why)   ->  DROP (the stages after it pass it by; {@code Transmit} frees and counts it)
 *   send(i, port)  ->  SEND (only the stage that completed it says so)
 * </pre>
 * An exception anywhere leaves the rest OPEN, and what is open at the end is dropped: nothing gets through by accident.
 */
public final class Burst {

    /** Packets in a burst. */
    public static final int CAPACITY = 64;

    /** What {@link #network}, {@link #peer} and {@link #outPort} hold while nobody knows. */
    public static final int NONE = -1;

    /** No frame has more bytes. */
    private static final int LONGEST = 0xffff;

    /** The snapshot that this burst runs under, from its receive to its transmit. */
    public Tables tables;
    /** Slots in use: 0 to count - 1. */
    public int count;
    /** The port that all packets of the burst came from. */
    public int inPort;
    /** A bit for each packet that is to be sealed, or opened: what workers are for. */
    public long esp;
    /** Inbound: a bit for each packet whose ICV was right. */
    public long authentic;
    /** The number of the worker whose burst it is; the pipeline's own. */
    int worker;
    private boolean failed;

    /** The pool's handle of the packet buffer. */
    public final long[] buffer = new long[CAPACITY];
    /** Where the frame begins in {@link #memory}; stages move it to strip or prepend headers. */
    public final long[] offset = new long[CAPACITY];
    /** Bytes from {@link #offset}, without FCS. */
    public final int[] length = new int[CAPACITY];
    /** Index of the network in {@link #tables}. */
    public final int[] network = new int[CAPACITY];
    /** Index of the VTEP in {@link #tables}: where it came from (inbound) or goes to (outbound). */
    public final int[] peer = new int[CAPACITY];
    /** Destination MAC on an Ethernet underlay, once the next hop to {@link #peer} is known. */
    public final long[] nextHop = new long[CAPACITY];
    /** The port it leaves through, once {@link #send} was said. */
    public final int[] outPort = new int[CAPACITY];
    /** EtherType of the inner frame, once parsed. */
    public final int[] etherType = new int[CAPACITY];
    /** Bytes from {@link #offset} to the transport header; 0 when there is none (ARP, a fragment's tail). */
    public final int[] l4 = new int[CAPACITY];
    /** IP protocol of the inner packet, once parsed; -1 when it is no IP. */
    public final int[] protocol = new int[CAPACITY];
    /** Symmetric hash of the inner flow: both directions have the same. */
    public final int[] flowHash = new int[CAPACITY];

    /** What stands at {@link #offset} as it came from the underlay, or goes there: one of {@link Wire}. */
    public final int[] wire = new int[CAPACITY];
    /** What it was decrypted with, by number; {@link SaTable#CLEAR} when it came in clear. */
    public final int[] cipher = new int[CAPACITY];
    /** What it is to be sealed with, and under which sequence number, once drawn; null until then. */
    public final OutboundSa[] sa = new OutboundSa[CAPACITY];
    public final long[] sequence = new long[CAPACITY];
    /** Inbound, of packets of {@link #esp}: the index of the SA in {@link #tables}. */
    public final int[] association = new int[CAPACITY];
    /** Inbound, of {@link #authentic} packets: bytes that were encrypted, trailer included. */
    public final int[] text = new int[CAPACITY];

    // What is seen while the headers are read, a bit for each slot: stages about few packets ask about those alone.

    /** TCP or UDP whose ports are in the frame. */
    public long flows;
    /** TCP that begins a connection, or answers that. */
    public long syns;
    /** To the MAC of the network's gateways and VIPs. */
    public long toGateway;
    /** Was for a VIP, and is for a backend now. */
    public long dispatched;

    /** A bit for each slot: every stage asks it of every slot, and a shift has no bounds to check. */
    private long open;
    private long complete;
    private final byte[] reason = new byte[CAPACITY];
    private MemorySegment memory;
    /** Whether {@link #memory} is all of native memory, as it is of mbufs. */
    private boolean isAll;

    public Burst() {
        Arrays.fill(network, NONE);
        Arrays.fill(peer, NONE);
        Arrays.fill(protocol, NONE);
    }

    /** Empties the burst for packets of one port under one snapshot. */
    public void begin(Tables snapshot, MemorySegment poolMemory, int port) {
        tables = snapshot;
        memory = poolMemory;
        isAll = poolMemory.byteSize() == Long.MAX_VALUE;
        inPort = port;
        reset(count);
        count = 0;
        open = 0;
        complete = 0;
        flows = 0;
        syns = 0;
        toGateway = 0;
        dispatched = 0;
        esp = 0;
        authentic = 0;
        failed = false;
    }

    /**
     * The memory that all offsets are in: the pool's. All of native memory is returned as the constant that it is: while a process has DPDK ports
     * alone, the JIT compiler knows then whose segment it is and leaves out most of what each access looks at (its life, its thread, its class).
     */
    public MemorySegment memory() {
        return isAll ? Mbuf.memory() : memory;
    }

    /** {@link #offset}, as stages read headers by it: known to be no end of memory, which each field would be compared with otherwise. */
    public long at(int i) {
        return NativeMemory.address(offset[i]);
    }

    /** Puts so many bytes before the frame. @return where they begin */
    public long prepend(int i, int bytes) {
        offset[i] -= bytes;
        length[i] += bytes;
        return at(i);
    }

    /** Where the transport header begins; the frame, when there is none. */
    public long transport(int i) {
        return at(i) + (l4[i] & LONGEST);
    }

    /**
     * Column by column, which is a few instructions for eight slots; slot by slot it took longer than some stages do. The others are written
     * before they are read, of each packet that is left open: by what receives from the underlay, by VxlanDecap, InnerParse, Fdb, NextHop, and by
     * SaSelect along with the bit of {@link #esp}.
     */
    private void reset(int used) {
        Arrays.fill(wire, 0, used, Wire.VXLAN);
        Arrays.fill(cipher, 0, used, SaTable.CLEAR);
        if (esp != 0) {
            Arrays.fill(sa, 0, used, null); // so that no burst keeps the keys of SAs that are gone
        }
    }

    /** Adds a packet, OPEN; the caller has seen that {@code count < CAPACITY}. */
    public int add(long packetBuffer, long frameOffset, int frameLength) {
        int i = count++;
        buffer[i] = packetBuffer;
        offset[i] = frameOffset;
        length[i] = frameLength;
        open |= 1L << i;
        return i;
    }

    /** Takes in packets, OPEN, whose {@link #buffer}, {@link #offset} and {@link #length} the port has written from slot {@link #count} on. */
    public void added(int packets) {
        if (packets > 0) {
            open |= -1L >>> CAPACITY - packets << count;
            count += packets;
        }
    }

    /** A bit for each slot that no stage has decided about. */
    public long open() {
        return open;
    }

    /** True while no stage has decided; only then may a stage touch the slot. */
    public boolean isOpen(int i) {
        return (open & 1L << i) != 0;
    }

    /** Decides: the packet goes no further, and is counted under this reason. */
    public void drop(int i, DropReason why) {
        open &= ~(1L << i);
        complete &= ~(1L << i);
        reason[i] = (byte) why.ordinal();
    }

    /** A stage has thrown: no other stage touches the burst, and what is open stays so and is dropped. */
    void fail() {
        failed = true;
    }

    boolean hasFailed() {
        return failed;
    }

    /** Decides: the packet is complete and leaves through this port. */
    public void send(int i, int port) {
        outPort[i] = port;
        open &= ~(1L << i);
        complete |= 1L << i;
    }

    /** Decides about each slot that has a bit here: these packets are complete and leave through this port. */
    public void sendAll(long slots, int port) {
        for (int i = 0; i < count; i++) {
            if ((slots & 1L << i) != 0) {
                outPort[i] = port;
            }
        }
        open &= ~slots;
        complete |= slots;
    }

    /** A bit for each slot that is to be sent. */
    public long sends() {
        return complete;
    }

    public boolean isSend(int i) {
        return (complete & 1L << i) != 0;
    }

    /** Ordinal of the {@link DropReason}; meaningless for a slot that is to be sent. */
    public int reason(int i) {
        return isOpen(i) ? DropReason.UNFINISHED.ordinal() : reason[i];
    }
}
