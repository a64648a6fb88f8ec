package dev.weft.dpdk.service;

import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.table.Tables;
import dev.weft.ffm.libc.AnonymousMemory;
import dev.weft.ffm.libc.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What packets are looked up by in a {@link FlowTable}, read in a loop of its own: in one with the look-ups each packet's would wait for the one's
 * before, as the processor has no room for the instructions of two. A key stands in a line like that of the record that it is to be found by, so
 * that both are compared word by word; what this side's packets do not show stays open. The poller's thread's.
 *
 * <pre>
 *    0      8       24      40       56     64
 *   +-------+--------+-----+---------+------+
 *   | tuple | client | VIP |         |      |   of a client's packet; later with the backend and its MAC
 *   | tuple | client |     | backend |      |   of a backend's answer
 *   +-------+--------+-----+---------+------+
 * </pre>
 */
public final class FlowKeys {

    private static final int TARGET_MAC = FlowRecords.LIFE;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private final MemorySegment own;
    /** Where its own memory begins. */
    private final long base;
    private final long[] hashes;
    /** Whether what a flow is found by from both sides has the address of the other side than the client's in it. */
    private final boolean ofPairs;
    /** Where a packet's source goes to. */
    private int source = FlowRecords.CLIENT;
    private int destination = FlowRecords.VIP;
    /** Which address besides the client's is known. */
    private int other = FlowRecords.VIP;

    private FlowKeys(int capacity, boolean ofPairs) {
        this.ofPairs = ofPairs;
        own = AnonymousMemory.allocate((long) capacity * FlowRecords.LENGTH);
        base = NativeMemory.begin(own);
        hashes = new long[capacity];
    }

    /** Of flows that clients see as a VIP's and backends as their own: both sides' packets show the client and the tuple, and no more. */
    public static FlowKeys ofVips(int capacity) {
        return new FlowKeys(capacity, false);
    }

    /** Of flows that have the same addresses at both sides. */
    static FlowKeys ofPairs(int capacity) {
        return new FlowKeys(capacity, true);
    }

    /** @param reply whether the keys that are written next are of backends' answers */
    public void ofReplies(boolean reply) {
        source = reply ? FlowRecords.BACKEND : FlowRecords.CLIENT;
        destination = reply ? FlowRecords.CLIENT : FlowRecords.VIP;
        other = reply ? FlowRecords.BACKEND : FlowRecords.VIP;
    }

    /**
     * Reads packets (parsed, with a transport header).
     *
     * @param slots a bit for each
     * @param reply whether they are backends' answers, whose tuple is that of the client's packets
     */
    void read(Burst burst, long slots, boolean reply) {
        ofReplies(reply);
        Tables tables = burst.tables;
        int network = Burst.NONE;
        int vni = 0;
        for (long rest = slots; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            if (burst.network[i] != network) {
                network = burst.network[i];
                vni = tables.vni(network);
            }
            int ports = BigEndian.getInt(burst.memory(), burst.transport(i));
            long tuple = FlowTable.tuple(vni, burst.protocol[i], reply ? Integer.rotateLeft(ports, Short.SIZE) : ports);
            long ip = burst.at(i) + EthernetHeader.LENGTH;
            if (burst.etherType[i] == EthernetHeader.ETHER_TYPE_IPV4) {
                write(i, tuple, 0, AddressBits.lowOfIpv4(Ipv4Header.source(burst.memory(), ip)),
                        0, AddressBits.lowOfIpv4(Ipv4Header.destination(burst.memory(), ip)));
            } else {
                write(i, tuple, Ipv6Header.sourceHigh(burst.memory(), ip), Ipv6Header.sourceLow(burst.memory(), ip),
                        Ipv6Header.destinationHigh(burst.memory(), ip), Ipv6Header.destinationLow(burst.memory(), ip));
            }
        }
    }

    /** @param tuple of the client's packets @param packet from either side, as {@link #ofReplies} says */
    void write(int i, long tuple, FlowAddresses packet) {
        write(i, tuple, packet.sourceHigh, packet.sourceLow, packet.destinationHigh, packet.destinationLow);
    }

    /** The same. */
    public void write(int i, long tuple, long sourceHigh, long sourceLow, long destinationHigh, long destinationLow) {
        long at = at(i);
        memory().set(LONG, at, tuple);
        set(at + source, sourceHigh, sourceLow);
        set(at + destination, destinationHigh, destinationLow);
        boolean reply = source == FlowRecords.BACKEND;
        long client = mixed(reply ? destinationHigh : sourceHigh, reply ? destinationLow : sourceLow);
        long peer = ofPairs ? mixed(reply ? sourceHigh : destinationHigh, reply ? sourceLow : destinationLow) : 0;
        hashes[i] = FlowTable.hash(tuple, client, peer);
    }

    private static long mixed(long high, long low) {
        return Long.rotateLeft(high, 29) ^ low;
    }

    private void set(long at, long high, long low) {
        memory().set(LONG, at, high);
        memory().set(LONG, at + Long.BYTES, low);
    }

    /** Completes the key of a client's packet: who is to answer it. */
    void backend(int i, long high, long low) {
        set(at(i) + FlowRecords.BACKEND, high, low);
    }

    /** Whom the packet is to be sent on to. */
    void target(int i, long high, long low, long mac) {
        backend(i, high, low);
        memory().set(LONG, at(i) + TARGET_MAC, mac);
    }

    long backendHigh(int i) {
        return word(i, FlowRecords.BACKEND);
    }

    long backendLow(int i) {
        return word(i, FlowRecords.BACKEND + Long.BYTES);
    }

    long targetMac(int i) {
        return word(i, TARGET_MAC);
    }

    int other() {
        return other;
    }

    long hash(int i) {
        return hashes[i];
    }

    long clientHigh(int i) {
        return word(i, FlowRecords.CLIENT);
    }

    long clientLow(int i) {
        return word(i, FlowRecords.CLIENT + Long.BYTES);
    }

    long vipHigh(int i) {
        return word(i, FlowRecords.VIP);
    }

    long vipLow(int i) {
        return word(i, FlowRecords.VIP + Long.BYTES);
    }

    long tuple(int i) {
        return word(i, 0);
    }

    /** @param offset in the line */
    long word(int i, int offset) {
        return memory().get(LONG, NativeMemory.address(at(i) + offset));
    }

    private long at(int i) {
        return NativeMemory.address(base + (long) i * FlowRecords.LENGTH);
    }

    private MemorySegment memory() {
        return NativeMemory.around(own);
    }
}
