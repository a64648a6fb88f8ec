package dev.weft.dpdk.port;

import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.BigEndian;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Wire;
import dev.weft.ffm.libc.NativeSocket;
import dev.weft.ffm.libc.Sockaddr;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A UDP socket that is received from into packet buffers, a burst for each system call. A message of the kernel is one datagram,
 * or several of one sender and one length (UDP_GRO), or a super-frame of a virtual device ({@link TunnelSegments}); all are taken
 * apart here. For the poller's thread; allocates nothing for a packet.
 */
final class DatagramReceiver implements AutoCloseable {

    private static final int MESSAGES = 32;
    private static final int OVERFLOW = 1 << 16;
    private static final long NO_BUFFER = -1;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int SOL_UDP = 17;
    private static final int UDP_GRO = 104;

    private final NativeSocket socket;
    private final PacketPool pool;
    private final boolean ipv4;
    private final int wire;
    private final int maximum;
    private final IncomingMessages incoming = new IncomingMessages(MESSAGES);
    private final TunnelSegments segments = new TunnelSegments();
    /** For each message: what did not fit into its packet buffer, behind room for what did. */
    private final MemorySegment overflow;
    /** Buffers that messages go to. */
    private final long[] waiting = new long[MESSAGES];
    private final long[] buffers = new long[Burst.CAPACITY];
    /** Messages from the first on that have their buffers. */
    private int ready;
    /** Messages received last, the first of them that the pipeline does not have yet, and how many bytes of it it has. */
    private int arrived;
    private int next;
    private int taken;

    /**
     * Takes the socket over.
     *
     * @param wire    what its datagrams hold, one of {@link Wire}
     * @param maximum bytes of a datagram that the underlay can carry; what is longer is a super-frame of a virtual device
     */
    DatagramReceiver(NativeSocket socket, PacketPool pool, boolean ipv4, int wire, int maximum) {
        this.socket = socket;
        this.pool = pool;
        this.ipv4 = ipv4;
        this.wire = wire;
        this.maximum = maximum;
        overflow = Arena.ofAuto().allocate((long) MESSAGES * (pool.dataRoom() + OVERFLOW), Long.BYTES);
        Arrays.fill(waiting, NO_BUFFER);
        // Kernels before 5.0 do not know it and hand over each datagram by itself.
        socket.option(SOL_UDP, UDP_GRO, 1);
    }

    int descriptor() {
        return socket.descriptor().number();
    }

    /** Adds what waits to the burst, as far as there is room. */
    void receive(Burst burst) {
        if (next == arrived) {
            // Less errno: nothing waits, or news of an earlier datagram of ours (ICMP).
            arrived = Math.max(0, socket.receiveMany(incoming.headers(), replenish(), MSG_DONTWAIT));
            next = 0;
        }
        while (next < arrived && burst.count < Burst.CAPACITY && fits(burst) && take(burst)) {
            next++;
            taken = 0;
        }
    }

    /** What the kernel carried as one goes through the pipeline in one burst, so that it can be put together again at its end. */
    private boolean fits(Burst burst) {
        int datagram = incoming.datagramLength(next);
        return datagram == 0 || taken > 0 || burst.count == 0
                || (incoming.length(next) + datagram - 1) / datagram <= Burst.CAPACITY - burst.count;
    }

    /**
     * A buffer for each message to come, and room behind it for what no wire could have carried at once. Most receives find nothing, and leave
     * all as it is: only what the last one has filled is made ready again.
     *
     * @return messages that are ready
     */
    private int replenish() {
        for (int message = 0; message < arrived; message++) {
            if (!prepare(message)) {
                ready = message;
                return ready;
            }
        }
        while (ready < MESSAGES && prepare(ready)) {
            ready++;
        }
        return ready;
    }

    /** @return false when the pool has no buffer for it */
    private boolean prepare(int message) {
        if (waiting[message] == NO_BUFFER) {
            if (pool.allocate(buffers, 1) == 0) {
                return false;
            }
            waiting[message] = buffers[0];
            incoming.data(message, pool.memory().address() + pool.dataOffset(buffers[0]), pool.dataRoom());
            incoming.moreData(message, overflow.address() + overflowOffset(message) + pool.dataRoom(), OVERFLOW);
        }
        incoming.expect(message);
        return true;
    }

    private long overflowOffset(int message) {
        return (long) message * (pool.dataRoom() + OVERFLOW);
    }

    /** @return false when there is more of this message than the burst or the pool has room for */
    private boolean take(Burst burst) {
        int length = incoming.length(next);
        int datagram = incoming.datagramLength(next);
        if (datagram > 0 && datagram < length) {
            return takeDatagrams(burst, length, datagram);
        }
        if (length > maximum && wire == Wire.VXLAN && (segments.hasNext() || beginSegments(length))) {
            return takeSegments(burst);
        }
        addFirst(burst, length);
        return true;
    }

    /** The first datagram is in its place; the others are copied to buffers of their own. */
    private boolean takeDatagrams(Burst burst, int length, int datagram) {
        long whole = overflowOffset(next);
        if (taken == 0) {
            int received = Math.min(length, pool.dataRoom());
            if (datagram < received) {
                MemorySegment.copy(pool.memory(), pool.dataOffset(waiting[next]) + datagram, overflow, whole + datagram, received - datagram);
            }
            addFirst(burst, datagram);
            taken = datagram;
        }
        int peer = peer(burst, next);
        int more = pool.allocate(buffers, Math.min(Burst.CAPACITY - burst.count, (length - taken + datagram - 1) / datagram));
        for (int n = 0; n < more; n++) {
            int part = Math.min(datagram, length - taken);
            int kept = Math.min(part, pool.dataRoom());
            long offset = pool.dataOffset(buffers[n]);
            MemorySegment.copy(overflow, whole + taken, pool.memory(), offset, kept);
            added(burst, burst.add(buffers[n], offset, kept), peer);
            taken += part;
        }
        return taken == length;
    }

    private void addFirst(Burst burst, int length) {
        added(burst, burst.add(waiting[next], pool.dataOffset(waiting[next]), Math.min(length, pool.dataRoom())), peer(burst, next));
        waiting[next] = NO_BUFFER;
    }

    private void added(Burst burst, int i, int peer) {
        burst.peer[i] = peer;
        burst.wire[i] = wire;
    }

    private boolean takeSegments(Burst burst) {
        while (segments.hasNext() && burst.count < Burst.CAPACITY && pool.allocate(buffers, 1) == 1) {
            long offset = pool.dataOffset(buffers[0]);
            added(burst, burst.add(buffers[0], offset, segments.next(pool.memory(), offset)), peer(burst, next));
        }
        return !segments.hasNext();
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
                ? burst.tables.vtep(0, AddressBits.lowOfIpv4(BigEndian.getInt(names, address + Sockaddr.IPV4_ADDRESS)))
                : burst.tables.vtep(BigEndian.getLong(names, address + Sockaddr.IPV6_ADDRESS),
                        BigEndian.getLong(names, address + Sockaddr.IPV6_ADDRESS + Long.BYTES));
    }

    @Override
    public void close() {
        socket.close();
        for (int m = 0; m < MESSAGES; m++) {
            if (waiting[m] != NO_BUFFER) {
                buffers[0] = waiting[m];
                waiting[m] = NO_BUFFER;
                pool.free(buffers, 1);
            }
        }
        next = arrived;
    }
}
