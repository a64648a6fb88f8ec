package dev.weft.dpdk.port;

import dev.weft.api.WeftException;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Wire;
import dev.weft.ffm.libc.Errno;
import dev.weft.ffm.libc.NativeSocket;
import dev.weft.ffm.libc.Sockaddr;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * The underlay as ordinary UDP sockets, a burst for each system call (recvmmsg, sendmmsg), from and into the packet buffers,
 * and many datagrams for each walk through the kernel ({@link OutgoingMessages}, {@link DatagramReceiver}).
 * Bound to the data-path address and not to all, so that several nodes share a machine. Allocates nothing for a packet.
 */
public final class LinuxSocketPort implements Port {

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
    /** Rounds in which a socket is not asked that had nothing while the other one had. */
    private static final int ALONE = 8;

    private final String name;
    private final PacketPool pool;
    private final int overlayPort;
    private final int espPort;
    private final DatagramReceiver receiver;
    /** Null when somebody else has its port. */
    private DatagramReceiver espReceiver;
    private boolean espFirst;
    /** How often the first one alone is still asked, as long as it has packets. */
    private int alone;
    private Optional<String> clearOnly = Optional.empty();
    private final NativeSocket[] senders = new NativeSocket[SourcePorts.COUNT];
    private final OutgoingMessages outgoing = new OutgoingMessages();
    private final long[] sent = new long[Burst.CAPACITY];
    private List<InetAddress> vteps = List.of();
    private MemorySegment[] destinations = {};
    private MemorySegment[] espDestinations = {};
    private volatile long sendErrors;

    /**
     * Opens the sockets in the network namespace of the calling thread.
     *
     * @param espPort     of ESP in UDP; when it is taken, {@link #clearOnly} says so
     * @param underlayMtu bytes of an IP packet on the uplink, at most the pool's data room
     * @throws WeftException.PortInUse           if another process receives at the overlay's port
     * @throws WeftException.DataPathUnavailable if the address is none of this machine's
     */
    public LinuxSocketPort(String name, PacketPool pool, InetAddress vtep, int overlayPort, int espPort, int underlayMtu) {
        this.name = name;
        this.pool = pool;
        this.overlayPort = overlayPort;
        this.espPort = espPort;
        boolean ipv4 = vtep instanceof Inet4Address;
        int maximum = underlayMtu - (ipv4 ? IPV4_AND_UDP : IPV6_AND_UDP);
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
            receiver = new DatagramReceiver(open(vtep, overlayPort), pool, ipv4, Wire.VXLAN, maximum);
        } catch (WeftException e) {
            close();
            throw e;
        }
        try {
            espReceiver = new DatagramReceiver(open(vtep, espPort), pool, ipv4, Wire.ESP_IN_UDP, maximum);
        } catch (WeftException e) {
            clearOnly = Optional.of(e.getMessage());
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
            socket.bind(Sockaddr.of(vtep, port), "UDP port " + port + " of " + vtep.getHostAddress());
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
    public Optional<String> clearOnly() {
        return clearOnly;
    }

    @Override
    public Optional<int[]> descriptors() {
        return Optional.of(espReceiver == null ? new int[] {receiver.descriptor()} : new int[] {receiver.descriptor(), espReceiver.descriptor()});
    }

    @Override
    public int receive(Burst burst) {
        int before = burst.count;
        if (espReceiver == null) {
            receiver.receive(burst);
            return burst.count - before;
        }
        if (alone == 0) {
            espFirst = !espFirst; // in turn: what the first one has may leave no room for what the second one has
        }
        (espFirst ? espReceiver : receiver).receive(burst);
        int first = burst.count - before;
        if (first > 0 && alone > 0) {
            alone--;
            return first;
        }
        (espFirst ? receiver : espReceiver).receive(burst);
        int second = burst.count - before - first;
        if (first + second > 0) {
            takeTurns(first, second);
        }
        return first + second;
    }

    /** Of a network that is encrypted, or of one that is not, one of the two has no packets: not to ask it spares a system call. */
    private void takeTurns(int first, int second) {
        if (first > 0 == second > 0) {
            alone = 0;
        } else {
            espFirst = espFirst == first > 0;
            alone = ALONE;
        }
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
            outgoing.begin();
            for (int n = done; n < count; n++) {
                int slot = slots[from + n];
                outgoing.add(burst.memory().address() + burst.offset[slot], burst.length[slot],
                        (burst.wire[slot] == Wire.VXLAN ? destinations : espDestinations)[burst.peer[slot]]);
            }
            int result = senders[sender].sendMany(outgoing.headers(), outgoing.messages(), MSG_DONTWAIT);
            if (result == -Errno.EAGAIN.number() || result == -Errno.ENOBUFS.number()) {
                break;
            }
            if (result == -Errno.EIO.number() && outgoing.joins()) {
                // Kernels before 6.11 cut only for devices that compute checksums.
                outgoing.joinNoMore();
                continue;
            }
            if (result <= 0) {
                // The first message is refused (too long, no route): it is lost, those behind it are not.
                sendErrors = sendErrors + outgoing.datagrams(1);
            }
            done += free(burst, slots, from + done, outgoing.datagrams(Math.max(result, 1)));
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
            destinations = now.stream().map(vtep -> Sockaddr.of(vtep, overlayPort)).toArray(MemorySegment[]::new);
            espDestinations = now.stream().map(vtep -> Sockaddr.of(vtep, espPort)).toArray(MemorySegment[]::new);
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
        if (espReceiver != null) {
            espReceiver.close();
        }
    }
}
