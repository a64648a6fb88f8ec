package dev.weft.dpdk.port;

import dev.weft.api.WeftException;
import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.BigEndian;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.ffm.libc.Errno;
import dev.weft.ffm.libc.NativeSocket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;

/**
 * The underlay as ordinary UDP sockets, a burst for each system call (recvmmsg, sendmmsg), from and into the packet buffers.
 * Bound to the data-path address and not to all, so that several nodes share a machine. Allocates nothing for a packet.
 */
public final class LinuxSocketPort implements Port {

    private static final int MESSAGES = 32;
    private static final int OVERFLOW = 1 << 16;
    private static final long NO_BUFFER = -1;
    private static final int IPV4_AND_UDP = 28;
    private static final int IPV6_AND_UDP = 48;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int SO_SNDBUF = 7;
    private static final int KERNEL_BUFFER = 4 << 20;
    private static final int IPPROTO_IP = 0;
    private static final int IP_MTU_DISCOVER = 10;
    private static final int IPV6_MTU_DISCOVER = 23;
    /** Don't Fragment on all, and what is known to be too long is refused. VTEPs must not fragment (RFC 7348, 4.3). */
    private static final int PMTUDISC_DO = 2;

    private final String name;
    private final PacketPool pool;
    private final int overlayPort;
    private final boolean ipv4;
    private final NativeSocket receiver;
    private final NativeSocket[] senders = new NativeSocket[SourcePorts.COUNT];
    /** Bytes of a datagram that the underlay can carry; what is longer is a super-frame of a virtual device. */
    private final int maximum;
    private final MessageHeaders incoming = new MessageHeaders(MESSAGES);
    private final MessageHeaders outgoing = new MessageHeaders(Burst.CAPACITY);
    private final TunnelSegments segments = new TunnelSegments();
    private final MemorySegment overflow;
    /** Buffers that datagrams go to, by message. */
    private final long[] waiting = new long[MESSAGES];
    private final long[] one = new long[1];
    /** Messages received last, and the first of them that the pipeline does not have yet. */
    private int arrived;
    private int next;
    private final long[] sent = new long[Burst.CAPACITY];
    private List<InetAddress> vteps = List.of();
    private MemorySegment[] destinations = {};
    private volatile long sendErrors;

    /**
     * Opens the sockets in the network namespace of the calling thread.
     *
     * @param underlayMtu bytes of an IP packet on the uplink, at most the pool's data room
     * @throws WeftException.PortInUse           if another process receives there
     * @throws WeftException.DataPathUnavailable if the address is none of this machine's
     */
    public LinuxSocketPort(String name, PacketPool pool, InetAddress vtep, int overlayPort, int underlayMtu) {
        this.name = name;
        this.pool = pool;
        this.overlayPort = overlayPort;
        ipv4 = vtep instanceof Inet4Address;
        maximum = underlayMtu - (ipv4 ? IPV4_AND_UDP : IPV6_AND_UDP);
        overflow = Arena.ofAuto().allocate((long) MESSAGES * (pool.dataRoom() + OVERFLOW), Long.BYTES);
        Arrays.fill(waiting, NO_BUFFER);
        try {
            for (int i = 0; i < senders.length; i++) {
                senders[i] = open(vtep, 0);
            }
        } catch (WeftException.DataPathFailed e) {
            close();
            throw new WeftException.DataPathUnavailable("no UDP socket at the data-path address " + vtep.getHostAddress() + ": "
                    + e.getMessage() + "; take an address of this machine", e);
        }
        try {
            receiver = open(vtep, overlayPort);
        } catch (WeftException e) {
            close();
            throw e;
        }
    }

    private static NativeSocket open(InetAddress vtep, int port) {
        boolean ipv4 = vtep instanceof Inet4Address;
        NativeSocket socket = NativeSocket.open(ipv4 ? NativeSocket.AF_INET : NativeSocket.AF_INET6,
                NativeSocket.SOCK_DGRAM | NativeSocket.SOCK_NONBLOCK, 0);
        try {
            // The kernel takes as much of it as net.core.rmem_max and wmem_max allow.
            socket.option(NativeSocket.SOL_SOCKET, NativeSocket.SO_RCVBUF, KERNEL_BUFFER);
            socket.option(NativeSocket.SOL_SOCKET, SO_SNDBUF, KERNEL_BUFFER);
            socket.option(ipv4 ? IPPROTO_IP : NativeSocket.IPPROTO_IPV6, ipv4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER, PMTUDISC_DO);
            socket.bind(SocketAddresses.of(vtep, port), "UDP port " + port + " of " + vtep.getHostAddress());
            return socket;
        } catch (WeftException e) {
            socket.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Framing framing() {
        return Framing.UDP_PAYLOAD;
    }

    @Override
    public long sendErrors() {
        return sendErrors;
    }

    @Override
    public int receive(Burst burst) {
        int before = burst.count;
        if (next == arrived) {
            // Less errno: nothing waits, or news of an earlier datagram of ours (ICMP).
            arrived = Math.max(0, receiver.receiveMany(incoming.headers(), replenish(), MSG_DONTWAIT));
            next = 0;
        }
        while (next < arrived && burst.count < Burst.CAPACITY && take(burst)) {
            next++;
        }
        return burst.count - before;
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
        if (length > maximum && (segments.hasNext() || beginSegments(length))) {
            while (segments.hasNext() && burst.count < Burst.CAPACITY && pool.allocate(one, 1) == 1) {
                long offset = pool.dataOffset(one[0]);
                int i = burst.add(one[0], offset, segments.next(pool.memory(), offset));
                burst.peer[i] = peer(burst, next);
            }
            return !segments.hasNext();
        }
        int i = burst.add(waiting[next], pool.dataOffset(waiting[next]), Math.min(length, pool.dataRoom()));
        burst.peer[i] = peer(burst, next);
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

    @Override
    public int transmit(Burst burst, int[] slots, int count) {
        adopt(burst.tables.vteps());
        int done = 0;
        while (done < count) {
            int run = sameSender(burst, slots, done, count);
            int accepted = transmit(burst, slots, done, run, SourcePorts.of(burst.flowHash[slots[done]]));
            done += accepted;
            if (accepted < run) {
                break;
            }
        }
        return done;
    }

    private static int sameSender(Burst burst, int[] slots, int from, int count) {
        int sender = SourcePorts.of(burst.flowHash[slots[from]]);
        int end = from + 1;
        while (end < count && SourcePorts.of(burst.flowHash[slots[end]]) == sender) {
            end++;
        }
        return end - from;
    }

    private int transmit(Burst burst, int[] slots, int from, int count, int sender) {
        int done = 0;
        while (done < count) {
            int messages = count - done;
            for (int m = 0; m < messages; m++) {
                int slot = slots[from + done + m];
                outgoing.data(m, burst.memory.address() + burst.offset[slot], burst.length[slot]);
                outgoing.address(m, destinations[burst.peer[slot]]);
            }
            int result = senders[sender].sendMany(outgoing.headers(), messages, MSG_DONTWAIT);
            if (result == -Errno.EAGAIN.number() || result == -Errno.ENOBUFS.number()) {
                break;
            }
            if (result <= 0) {
                // The first one is refused (too long, no route): it is lost, those behind it are not.
                sendErrors = sendErrors + 1;
            }
            done += free(burst, slots, from + done, Math.max(result, 1));
        }
        return done;
    }

    private int free(Burst burst, int[] slots, int from, int count) {
        for (int i = 0; i < count; i++) {
            sent[i] = burst.buffer[slots[from + i]];
        }
        pool.free(sent, count);
        return count;
    }

    private void adopt(List<InetAddress> now) {
        if (now != vteps) {
            destinations = now.stream().map(vtep -> SocketAddresses.of(vtep, overlayPort)).toArray(MemorySegment[]::new);
            vteps = now;
        }
    }

    @Override
    public void close() {
        for (NativeSocket sender : senders) {
            if (sender != null) {
                sender.close();
            }
        }
        if (receiver != null) {
            receiver.close();
        }
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
