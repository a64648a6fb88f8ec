package dev.weft.dpdk.port;

import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.BigEndian;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Wire;
import dev.weft.ffm.libc.NativeSocket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** One UDP socket that receives a burst with one system call (recvmmsg) into packet buffers. Allocates nothing for a packet. */
final class DatagramReceiver {

    private static final int MESSAGES = 32;
    private static final int OVERFLOW = 1 << 16;
    private static final long NO_BUFFER = -1;
    private static final int MSG_DONTWAIT = 0x40;

    private final NativeSocket socket;
    private final PacketPool pool;
    private final boolean ipv4;
    private final int wire;
    /** Bytes of a datagram that the underlay can carry; what is longer is a super-frame of a virtual device. */
    private final int maximum;
    private final MessageHeaders incoming = new MessageHeaders(MESSAGES);
    private final TunnelSegments segments = new TunnelSegments();
    private final MemorySegment overflow;
    /** Buffers that datagrams go to, by message. */
    private final long[] waiting = new long[MESSAGES];
    private final long[] one = new long[1];
    /** Messages received last, and the first of them that the pipeline does not have yet. */
    private int arrived;
    private int next;

    /**
     * @param wire    what its datagrams hold, one of {@link Wire}
     * @param maximum bytes of a datagram that the underlay can carry
     */
    DatagramReceiver(NativeSocket socket, PacketPool pool, boolean ipv4, int wire, int maximum) {
        this.socket = socket;
        this.pool = pool;
        this.ipv4 = ipv4;
        this.wire = wire;
        this.maximum = maximum;
        overflow = Arena.ofAuto().allocate((long) MESSAGES * (pool.dataRoom() + OVERFLOW), Long.BYTES);
        Arrays.fill(waiting, NO_BUFFER);
    }

    /** Adds what waits to the burst, as far as there is room. */
    void receive(Burst burst) {
        if (next == arrived) {
            // Less errno: nothing waits, or news of an earlier datagram of ours (ICMP).
            arrived = Math.max(0, socket.receiveMany(incoming.headers(), replenish(), MSG_DONTWAIT));
            next = 0;
        }
        while (next < arrived && burst.count < Burst.CAPACITY && take(burst)) {
            next++;
        }
    }

    /** Buffers for the datagrams to come: one for each, and room behind it for what no wire could have carried. */
    private int replenish() {
        int expected = 0;
        while (expected < MESSAGES && (waiting[expected] != NO_BUFFER || pool.allocate(one, 1) == 1)) {
            if (waiting[expected] == NO_BUFFER) {
                waiting[expected] = one[0];
                incoming.data(expected, pool.memory().address() + pool.dataOffset(one[0]), pool.dataRoom());
                incoming.moreData(expected, overflow.address() + overflowOffset(expected) + pool.dataRoom(), OVERFLOW);
            }
            incoming.roomForAddress(expected++);
        }
        return expected;
    }

    private long overflowOffset(int message) {
        return (long) message * (pool.dataRoom() + OVERFLOW);
    }

    /** @return false when there is more of this datagram than the burst or the pool has room for */
    private boolean take(Burst burst) {
        int length = incoming.length(next);
        if (length > maximum && wire == Wire.VXLAN && (segments.hasNext() || beginSegments(length))) {
            while (segments.hasNext() && burst.count < Burst.CAPACITY && pool.allocate(one, 1) == 1) {
                long offset = pool.dataOffset(one[0]);
                int i = burst.add(one[0], offset, segments.next(pool.memory(), offset));
                burst.peer[i] = peer(burst, next);
            }
            return !segments.hasNext();
        }
        int i = burst.add(waiting[next], pool.dataOffset(waiting[next]), Math.min(length, pool.dataRoom()));
        burst.peer[i] = peer(burst, next);
        burst.wire[i] = wire;
        waiting[next] = NO_BUFFER;
        return true;
    }

    private boolean beginSegments(int length) {
        long whole = overflowOffset(next);
        MemorySegment.copy(pool.memory(), pool.dataOffset(waiting[next]), overflow, whole, Math.min(length, pool.dataRoom()));
        return segments.begin(overflow, whole, length, maximum);
    }

    private int peer(Burst burst, int message) {
        long address = incoming.address(message);
        MemorySegment names = incoming.names();
        return ipv4
                ? burst.tables.vtep(0, AddressBits.lowOfIpv4(BigEndian.getInt(names, address + SocketAddresses.IPV4_ADDRESS)))
                : burst.tables.vtep(BigEndian.getLong(names, address + SocketAddresses.IPV6_ADDRESS),
                        BigEndian.getLong(names, address + SocketAddresses.IPV6_ADDRESS + Long.BYTES));
    }

    void close() {
        socket.close();
        for (int m = 0; m < MESSAGES; m++) {
            if (waiting[m] != NO_BUFFER) {
                one[0] = waiting[m];
                waiting[m] = NO_BUFFER;
                pool.free(one, 1);
            }
        }
        next = arrived;
    }
}
