package dev.weft.dpdk.port;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * An array of struct mmsghdr (recvmmsg(2)), each with up to two iovecs. Offsets of 64-bit Linux: msghdr is name 0, namelen 8, iov 16,
 * iovlen 24, control 32, controllen 40, flags 48; the length of the message follows at 56.
 */
final class MessageHeaders {

    private static final int SIZE = 64;
    private static final int NAME = 0;
    private static final int NAME_LENGTH = 8;
    private static final int VECTOR = 16;
    private static final int VECTOR_COUNT = 24;
    private static final int MESSAGE_LENGTH = 56;
    private static final int VECTOR_SIZE = 16;
    private static final int VECTORS = 2;
    private static final int VECTOR_LENGTH = 8;
    private static final int NAME_SIZE = 32;

    private final MemorySegment headers;
    private final MemorySegment vectors;
    private final MemorySegment names;

    MessageHeaders(int count) {
        Arena arena = Arena.ofAuto();
        headers = arena.allocate((long) count * SIZE, Long.BYTES);
        vectors = arena.allocate((long) count * VECTORS * VECTOR_SIZE, Long.BYTES);
        names = arena.allocate((long) count * NAME_SIZE, Long.BYTES);
        for (long m = 0; m < count; m++) {
            headers.set(JAVA_LONG, m * SIZE + VECTOR, vectors.address() + m * VECTORS * VECTOR_SIZE);
            headers.set(JAVA_LONG, m * SIZE + VECTOR_COUNT, 1);
        }
    }

    MemorySegment headers() {
        return headers;
    }

    /** Where the bytes of a message are, or go to. */
    void data(int message, long address, int length) {
        vector((long) message * VECTORS * VECTOR_SIZE, address, length);
    }

    /** Where those go that do not fit there. */
    void moreData(int message, long address, int length) {
        vector(((long) message * VECTORS + 1) * VECTOR_SIZE, address, length);
        headers.set(JAVA_LONG, (long) message * SIZE + VECTOR_COUNT, VECTORS);
    }

    private void vector(long at, long address, int length) {
        vectors.set(JAVA_LONG, at, address);
        vectors.set(JAVA_LONG, at + VECTOR_LENGTH, length);
    }

    /** Where a message goes to. */
    void address(int message, MemorySegment destination) {
        headers.set(JAVA_LONG, (long) message * SIZE + NAME, destination.address());
        headers.set(JAVA_INT, (long) message * SIZE + NAME_LENGTH, (int) destination.byteSize());
    }

    /** Asks for the sender's address; the kernel shortens the length, so this is said again before each receive. */
    void roomForAddress(int message) {
        headers.set(JAVA_LONG, (long) message * SIZE + NAME, names.address() + (long) message * NAME_SIZE);
        headers.set(JAVA_INT, (long) message * SIZE + NAME_LENGTH, SocketAddresses.MAX_SIZE);
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
}
