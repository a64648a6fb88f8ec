package dev.weft.dpdk.port;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.weft.ffm.libc.Sockaddr;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * An array of struct mmsghdr for recvmmsg(2), each with two iovecs, room for the sender's address and for one control message.
 * Offsets of 64-bit Linux: msghdr is name 0, namelen 8, iov 16, iovlen 24, control 32, controllen 40, flags 48; the length of the
 * message follows at 56. cmsghdr is len 0, level 8, type 12, data 16.
 */
final class IncomingMessages {

    private static final int SIZE = 64;
    private static final int NAME = 0;
    private static final int NAME_LENGTH = 8;
    private static final int VECTOR = 16;
    private static final int VECTOR_COUNT = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int MESSAGE_LENGTH = 56;
    private static final int VECTOR_SIZE = 16;
    private static final int VECTORS = 2;
    private static final int VECTOR_LENGTH = 8;
    private static final int NAME_SIZE = 32;
    private static final int CONTROL_SIZE = 32;
    private static final int CONTROL_LEVEL = 8;
    private static final int CONTROL_TYPE = 12;
    private static final int CONTROL_DATA = 16;
    private static final int SOL_UDP = 17;
    private static final int UDP_GRO = 104;

    private final MemorySegment headers;
    private final MemorySegment vectors;
    private final MemorySegment names;
    private final MemorySegment controls;

    IncomingMessages(int count) {
        Arena arena = Arena.ofAuto();
        headers = arena.allocate((long) count * SIZE, Long.BYTES);
        vectors = arena.allocate((long) count * VECTORS * VECTOR_SIZE, Long.BYTES);
        names = arena.allocate((long) count * NAME_SIZE, Long.BYTES);
        controls = arena.allocate((long) count * CONTROL_SIZE, Long.BYTES);
        for (long m = 0; m < count; m++) {
            headers.set(JAVA_LONG, m * SIZE + NAME, names.address() + m * NAME_SIZE);
            headers.set(JAVA_LONG, m * SIZE + VECTOR, vectors.address() + m * VECTORS * VECTOR_SIZE);
            headers.set(JAVA_LONG, m * SIZE + VECTOR_COUNT, VECTORS);
            headers.set(JAVA_LONG, m * SIZE + CONTROL, controls.address() + m * CONTROL_SIZE);
        }
    }

    MemorySegment headers() {
        return headers;
    }

    /** Where the bytes of a message go to. */
    void data(int message, long address, int length) {
        vector((long) message * VECTORS * VECTOR_SIZE, address, length);
    }

    /** Where those go that do not fit there. */
    void moreData(int message, long address, int length) {
        vector(((long) message * VECTORS + 1) * VECTOR_SIZE, address, length);
    }

    private void vector(long at, long address, int length) {
        vectors.set(JAVA_LONG, at, address);
        vectors.set(JAVA_LONG, at + VECTOR_LENGTH, length);
    }

    /** Asks for the sender's address and control messages; the kernel shortens the lengths, so this is said before each receive. */
    void expect(int message) {
        headers.set(JAVA_INT, (long) message * SIZE + NAME_LENGTH, Sockaddr.MAX_SIZE);
        headers.set(JAVA_LONG, (long) message * SIZE + CONTROL_LENGTH, CONTROL_SIZE);
    }

    /** Where in {@link #names} the sender's address is. */
    long address(int message) {
        return (long) message * NAME_SIZE;
    }

    MemorySegment names() {
        return names;
    }

    /** Bytes received. */
    int length(int message) {
        return headers.get(JAVA_INT, (long) message * SIZE + MESSAGE_LENGTH);
    }

    /** Bytes of each datagram (the last may be shorter) when the kernel put several into the message; 0 when it is one. */
    int datagramLength(int message) {
        long control = (long) message * CONTROL_SIZE;
        return headers.get(JAVA_LONG, (long) message * SIZE + CONTROL_LENGTH) >= CONTROL_DATA + Integer.BYTES
                && controls.get(JAVA_INT, control + CONTROL_LEVEL) == SOL_UDP && controls.get(JAVA_INT, control + CONTROL_TYPE) == UDP_GRO
                ? controls.get(JAVA_INT, control + CONTROL_DATA) : 0;
    }
}
