package dev.weft.ffm.libc;

import dev.weft.api.WeftException;
import dev.weft.api.path.UplinkCapture;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** All packets of one interface, both ways, by packet(7). What another packet socket sends past the queues (PACKET_QDISC_BYPASS) is not seen. */
public final class PacketCapture implements UplinkCapture {

    /** All protocols, as a number in network byte order. */
    private static final short ETH_P_ALL = 0x0003;
    private static final ValueLayout.OfShort NETWORK_SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    /** struct sockaddr_ll. */
    private static final int ADDRESS_BYTES = 20;
    private static final int ADDRESS_PROTOCOL = 2;
    private static final int ADDRESS_INTERFACE = 4;
    private static final int RECEIVE_BUFFER = 8 << 20;
    private static final int SOL_PACKET = 263;
    private static final int PACKET_STATISTICS = 6;
    /** struct tpacket_stats: packets, drops. */
    private static final int STATISTICS_BYTES = 8;
    private static final int DROPS = 4;
    /** More than a super-frame and its headers. */
    private static final int LONGEST = 1 << 17;
    private static final long LOOK_AGAIN_NANOS = 500_000;

    private static final MethodHandle IF_NAMETOINDEX = Libc.function("if_nametoindex", FunctionDescriptor.of(Libc.INT, Libc.POINTER));

    private final NativeSocket socket;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment packet = arena.allocate(LONGEST);
    private final MemorySegment statistics = arena.allocate(STATISTICS_BYTES, Integer.BYTES);
    private long missed;
    private boolean closed;

    private PacketCapture(NativeSocket socket) {
        this.socket = socket;
    }

    /**
     * Begins to watch an interface of the calling thread's network namespace.
     *
     * @throws WeftException.PrivilegeMissing if CAP_NET_RAW is missing
     * @throws WeftException.DataPathFailed   if there is no such interface
     */
    public static PacketCapture open(String interfaceName) {
        NativeSocket socket = NativeSocket.open(NativeSocket.AF_PACKET, NativeSocket.SOCK_RAW | NativeSocket.SOCK_NONBLOCK, 0);
        try (Arena arena = Arena.ofConfined()) {
            socket.option(NativeSocket.SOL_SOCKET, NativeSocket.SO_RCVBUF, RECEIVE_BUFFER);
            MemorySegment address = arena.allocate(ADDRESS_BYTES);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) NativeSocket.AF_PACKET);
            address.set(NETWORK_SHORT, ADDRESS_PROTOCOL, ETH_P_ALL);
            address.set(ValueLayout.JAVA_INT, ADDRESS_INTERFACE, indexOf(arena.allocateFrom(interfaceName), interfaceName));
            socket.bind(address, "packets of " + interfaceName);
            return new PacketCapture(socket);
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static int indexOf(MemorySegment name, String text) {
        MemorySegment errno = Libc.newErrno();
        int index;
        try {
            index = (int) IF_NAMETOINDEX.invokeExact(errno, name);
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
        if (index == 0) {
            throw new WeftException.DataPathFailed("there is no interface " + text + " to watch in this network namespace");
        }
        return index;
    }

    @Override
    public int poll(Handler handler, Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        int count = 0;
        while (true) {
            long length = socket.descriptor().read(packet, 0, LONGEST);
            if (length > 0) {
                handler.packet(packet.asSlice(0, length));
                count++;
            } else if (System.nanoTime() - end >= 0) {
                return count;
            } else {
                LockSupport.parkNanos(LOOK_AGAIN_NANOS);
            }
        }
    }

    /** The kernel counts from the last time that it was asked. */
    @Override
    public long missed() {
        if (socket.getOption(SOL_PACKET, PACKET_STATISTICS, statistics) == 0) {
            missed += Integer.toUnsignedLong(statistics.get(ValueLayout.JAVA_INT, DROPS));
        }
        return missed;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            socket.close();
            arena.close();
        }
    }
}
