package dev.weft.ffm.netlink;

import dev.weft.api.WeftException;
import dev.weft.ffm.libc.Errno;
import dev.weft.ffm.libc.NativeSocket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Requests and answers of one netlink family, in the namespace of the thread that opened it, whoever asks later. Thread-safe:
 * one request at a time. The kernel answers rtnetlink, nf_tables and XFRM before the send returns, so a receive never waits long.
 */
public final class NetlinkSocket implements AutoCloseable {

    public static final int NETLINK_ROUTE = 0;
    public static final int NETLINK_XFRM = 6;
    public static final int NETLINK_NETFILTER = 12;

    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;
    /** Dumps then obey the filter in the request (an interface index, say). */
    private static final int NETLINK_GET_STRICT_CHK = 12;
    private static final int NLMSG_ERROR = 2;
    private static final int NLMSG_DONE = 3;
    private static final int NLMSGERR_ATTR_MSG = 1;
    private static final int NLM_F_ACK_TLVS = 0x200;
    /** What is listed was changed between two datagrams of the list: something that was there all the time may be missing from it. */
    private static final int NLM_F_DUMP_INTR = 0x10;
    /** A list takes milliseconds, and is torn by a change in these alone. */
    private static final int MOST_LISTINGS = 64;
    /**
     * A limit, and nothing that is set aside. A transaction goes in one datagram and may have megabytes (the map of a service with many
     * backends), and its answers, some 800 bytes of kernel memory each, wait until it is done; the system's default is 208 kB.
     */
    private static final int BUFFER_BYTES = 32 << 20;
    /** The kernel never puts more than 32 kB into one datagram. */
    private static final int RECEIVE_BYTES = 256 * 1024;

    private final NativeSocket socket;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(RECEIVE_BYTES);
    private int sequence;
    private long changes;
    private long queries;
    private boolean torn;
    private boolean closed;

    private NetlinkSocket(NativeSocket socket) {
        this.socket = socket;
    }

    /** Opens a socket of a family such as {@link #NETLINK_ROUTE} in the namespace of the calling thread. */
    public static NetlinkSocket open(int family) {
        NativeSocket socket = NativeSocket.open(NativeSocket.AF_NETLINK, NativeSocket.SOCK_RAW, family);
        socket.option(SOL_NETLINK, NETLINK_CAP_ACK, 1);
        socket.option(SOL_NETLINK, NETLINK_EXT_ACK, 1);
        socket.option(SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
        // refused in a user namespace of its own: what is too large is an error there
        socket.option(NativeSocket.SOL_SOCKET, NativeSocket.SO_SNDBUFFORCE, BUFFER_BYTES);
        socket.option(NativeSocket.SOL_SOCKET, NativeSocket.SO_RCVBUFFORCE, BUFFER_BYTES);
        return new NetlinkSocket(socket);
    }

    /** How many messages asked for a change: an idempotent caller sends none. */
    public synchronized long changes() {
        return changes;
    }

    /** How many messages asked and changed nothing. */
    public synchronized long queries() {
        return queries;
    }

    /**
     * Asks and changes nothing: the listed objects, or the object asked for. What changes while it is listed is listed again.
     *
     * @throws NetlinkException               if the kernel refuses, or it never stops changing
     * @throws WeftException.PrivilegeMissing if it refuses for want of a privilege
     */
    public synchronized List<NetlinkReply> query(NetlinkMessage message) {
        return query(message, Integer.MAX_VALUE);
    }

    /**
     * As {@link #query(NetlinkMessage)}, but of each answer only the first bytes: what stands behind them (a key) never gets
     * onto the Java heap.
     */
    public synchronized List<NetlinkReply> query(NetlinkMessage message, int mostBytes) {
        queries++;
        for (int listing = 0; listing < MOST_LISTINGS; listing++) {
            torn = false;
            List<NetlinkReply> replies = exchange(List.of(message), mostBytes);
            if (!torn) {
                return replies;
            }
        }
        throw new NetlinkException(message.what(), Errno.EINTR.number(), "somebody changed it during each of " + MOST_LISTINGS + " attempts");
    }

    /** Asks for a change and waits for the confirmation; throws as {@link #query} does. */
    public synchronized void request(NetlinkMessage message) {
        changes++;
        exchange(List.of(message), Integer.MAX_VALUE);
    }

    /**
     * Sends messages in one datagram, as nf_tables wants its transactions, and waits until all that expect an answer have one. Refusals
     * come whether they are expected or not, and before the answer to a later message: it is enough when the last one expects one.
     *
     * @throws NetlinkException               for the first message that the kernel refuses; then it did none of them
     * @throws WeftException.PrivilegeMissing if it refuses for want of a privilege
     */
    public synchronized List<NetlinkReply> batch(List<NetlinkMessage> messages) {
        changes += messages.size();
        return exchange(messages, Integer.MAX_VALUE);
    }

    private List<NetlinkReply> exchange(List<NetlinkMessage> messages, int mostBytes) {
        if (closed) { // the descriptor's number may be another file's by now
            throw new NetlinkException(messages.getFirst().what(), Errno.EBADF.number(), "the socket has been closed");
        }
        int first = sequence + 1;
        Set<Integer> open = new HashSet<>();
        int length = 0;
        List<byte[]> encoded = new ArrayList<>();
        for (NetlinkMessage message : messages) {
            byte[] bytes = message.encode(++sequence);
            encoded.add(bytes);
            length += bytes.length;
            if (message.expectsAnswer()) {
                open.add(sequence);
            }
        }
        send(messages, encoded, length);
        List<NetlinkReply> replies = new ArrayList<>();
        Failure failure = null;
        while (!open.isEmpty()) {
            Failure found = receive(messages, first, open, replies, mostBytes);
            failure = failure == null ? found : failure;
        }
        if (failure != null) {
            throw failure.exception();
        }
        return replies;
    }

    private void send(List<NetlinkMessage> messages, List<byte[]> encoded, int length) {
        try (Arena request = Arena.ofConfined()) {
            MemorySegment bytes = request.allocate(length, Long.BYTES);
            try {
                long at = 0;
                for (int i = 0; i < encoded.size(); i++) {
                    byte[] message = encoded.get(i);
                    MemorySegment.copy(message, 0, bytes, ValueLayout.JAVA_BYTE, at, message.length);
                    messages.get(i).writeSecrets(bytes.asSlice(at, message.length));
                    at += message.length;
                }
                long sent = socket.descriptor().write(bytes, 0, length);
                if (sent < 0) {
                    throw new NetlinkException(messages.getFirst().what(), (int) -sent, "");
                }
            } finally {
                bytes.fill((byte) 0);
            }
        }
    }

    /** Reads one datagram of answers; returns the first refusal in it. */
    private Failure receive(List<NetlinkMessage> messages, int first, Set<Integer> open, List<NetlinkReply> replies, int mostBytes) {
        long length = socket.descriptor().read(buffer, 0, RECEIVE_BYTES);
        if (length == -Errno.EINTR.number()) {
            return null;
        }
        if (length < 0) {
            throw new NetlinkException(messages.getFirst().what(), (int) -length, "while waiting for the answer");
        }
        Failure failure = null;
        long at = 0;
        while (at + NetlinkMessage.HEADER <= length) {
            int size = buffer.get(ValueLayout.JAVA_INT, at);
            int type = buffer.get(ValueLayout.JAVA_SHORT, at + 4) & 0xffff;
            int flags = buffer.get(ValueLayout.JAVA_SHORT, at + 6) & 0xffff;
            int answered = buffer.get(ValueLayout.JAVA_INT, at + 8);
            int copied = Math.min(size - NetlinkMessage.HEADER, mostBytes);
            byte[] payload = buffer.asSlice(at + NetlinkMessage.HEADER, copied).toArray(ValueLayout.JAVA_BYTE);
            NetlinkReply reply = new NetlinkReply(type, payload);
            at += size + 3 & ~3;
            if (answered < first) {
                continue; // the rest of an exchange that failed
            }
            torn |= (flags & NLM_F_DUMP_INTR) != 0;
            if (type == NLMSG_ERROR || type == NLMSG_DONE) {
                open.remove(answered);
                if (payload.length >= 4 && reply.u32(0) < 0) {
                    if (answered == first) {
                        open.clear(); // a transaction whose first message is refused gets no further answers
                    }
                    failure = failure == null ? Failure.of(messages.get(answered - first), reply, flags) : failure;
                }
            } else {
                replies.add(reply);
            }
        }
        buffer.asSlice(0, length).fill((byte) 0); // there are keys in what XFRM lists
        return failure;
    }

    private record Failure(NetlinkMessage message, int errno, String text) {

        static Failure of(NetlinkMessage message, NetlinkReply reply, int flags) {
            boolean explained = (flags & NLM_F_ACK_TLVS) != 0;
            // struct nlmsgerr: the errno and the nlmsghdr of the request (NETLINK_CAP_ACK leaves out its payload)
            int behind = reply.type() == NLMSG_DONE ? 4 : 4 + NetlinkMessage.HEADER;
            return new Failure(message, -reply.u32(0), explained ? reply.attributes(behind).string(NLMSGERR_ATTR_MSG).orElse("") : "");
        }

        RuntimeException exception() {
            return switch (Errno.of(errno)) {
                case EPERM, EACCES -> Errno.failure(message.what(), errno);
                default -> new NetlinkException(message.what(), errno, text);
            };
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            socket.close();
            arena.close();
        }
    }
}
