package dev.weft.ffm.netlink;

import dev.weft.ffm.libc.Errno;
import dev.weft.ffm.libc.NativeSocket;
import dev.weft.ffm.libc.SocketFilter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;

/**
 * What the kernel tells groups of a netlink family unasked, in the namespace of the thread that opened it, whoever reads later. One thread
 * at a time.
 */
public final class NetlinkEvents implements AutoCloseable {

    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_ADD_MEMBERSHIP = 1;
    /** struct sockaddr_nl: family, padding, port id (0: the kernel gives one), groups. */
    private static final int SOCKADDR_NL = 12;
    /** A limit, and nothing that is set aside: some ten thousand events that wait to be read. */
    private static final int BUFFER_BYTES = 4 << 20;
    /** The kernel never puts more than 32 kB into one datagram. */
    private static final int RECEIVE_BYTES = 64 * 1024;

    private static final int MOST_AT_A_TIME = 10_000;

    private final NativeSocket socket;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(RECEIVE_BYTES, Long.BYTES);

    private NetlinkEvents(NativeSocket socket) {
        this.socket = socket;
    }

    /**
     * Listens from now on, in the namespace of the calling thread.
     *
     * @param family such as {@link NetlinkSocket#NETLINK_NETFILTER}
     * @param filter sees each event from its nlmsghdr on
     * @throws dev.weft.api.WeftException.DataPathFailed if the kernel has no such group
     */
    public static NetlinkEvents open(int family, SocketFilter filter, int... groups) {
        NativeSocket socket = NativeSocket.open(NativeSocket.AF_NETLINK, NativeSocket.SOCK_RAW | NativeSocket.SOCK_NONBLOCK, family);
        try {
            socket.option(NativeSocket.SOL_SOCKET, NativeSocket.SO_RCVBUFFORCE, BUFFER_BYTES); // refused in a user namespace: a smaller one does, too
            filter.attach(socket);
            join(socket, family, groups);
            return new NetlinkEvents(socket);
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static void join(NativeSocket socket, int family, int... groups) {
        try (Arena address = Arena.ofConfined()) { // one without an address gets no events that nobody has asked for
            MemorySegment any = address.allocate(SOCKADDR_NL, Integer.BYTES);
            any.set(ValueLayout.JAVA_SHORT, 0, (short) NativeSocket.AF_NETLINK);
            socket.bind(any, "netlink family " + family);
        }
        for (int group : groups) {
            int refused = socket.option(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
            if (refused < 0) {
                throw Errno.failure("listen to group " + group + " of netlink family " + family, -refused);
            }
        }
    }

    /** For poll(2): can be read when there are events. */
    public int descriptor() {
        return socket.descriptor().number();
    }

    /**
     * Hands on what has come, and returns when there is nothing more, or for now when there is very much.
     *
     * @return false when the kernel had no place for some of it since the last call (ENOBUFS): whoever follows the events has to look at
     *         everything again
     * @throws NetlinkException if the socket cannot be read
     */
    public boolean drain(Consumer<NetlinkReply> event) {
        for (int datagram = 0; datagram < MOST_AT_A_TIME; datagram++) {
            long length = socket.descriptor().read(buffer, 0, RECEIVE_BYTES);
            if (length == -Errno.EAGAIN.number()) {
                return true;
            }
            if (length == -Errno.ENOBUFS.number()) {
                return false;
            }
            if (length < 0 && length != -Errno.EINTR.number()) {
                throw new NetlinkException("read netlink events", (int) -length, "");
            }
            for (long at = 0; at + NetlinkMessage.HEADER <= length;) {
                int size = buffer.get(ValueLayout.JAVA_INT, at);
                event.accept(new NetlinkReply(buffer.get(ValueLayout.JAVA_SHORT, at + 4) & 0xffff,
                        buffer.asSlice(at + NetlinkMessage.HEADER, size - NetlinkMessage.HEADER).toArray(ValueLayout.JAVA_BYTE)));
                at += size + 3 & ~3;
            }
        }
        return true;
    }

    @Override
    public void close() {
        socket.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
