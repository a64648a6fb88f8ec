package dev.weft.dpdk.port;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.weft.dpdk.pipeline.Burst;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * An array of struct mmsghdr for sendmmsg(2). Datagrams of one length (the last may be shorter) to one peer go as one message that the
 * kernel or the device cuts (UDP_SEGMENT of linux/udp.h), so that one walk through the kernel serves many. Offsets as in
 * {@link IncomingMessages}.
 */
final class OutgoingMessages {

    private static final int SIZE = 64;
    private static final int NAME = 0;
    private static final int NAME_LENGTH = 8;
    private static final int VECTOR = 16;
    private static final int VECTOR_COUNT = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int VECTOR_SIZE = 16;
    private static final int VECTOR_LENGTH = 8;
    /** CMSG_SPACE of 16 bits. */
    private static final int CONTROL_SIZE = 24;
    private static final int CONTROL_LEVEL = 8;
    private static final int CONTROL_TYPE = 12;
    private static final int CONTROL_DATA = 16;
    /** CMSG_LEN of 16 bits. */
    private static final long CONTROL_BYTES = CONTROL_DATA + 2;
    private static final int SOL_UDP = 17;
    private static final int UDP_SEGMENT = 103;
    /** UDP_MAX_SEGMENTS of kernels before 6.9. */
    private static final int MOST_DATAGRAMS = 64;
    /** What a length field of IP leaves for UDP's payload, in either family. */
    private static final int MOST_BYTES = 65_535 - 40 - 8;

    private final MemorySegment headers;
    private final MemorySegment vectors;
    private final MemorySegment controls;
    private final int[] datagrams = new int[Burst.CAPACITY];
    private MemorySegment destination;
    private boolean joins = true;
    private int messages;
    private int vector;
    private int datagramLength;
    private int lastLength;
    private int bytes;

    OutgoingMessages() {
        Arena arena = Arena.ofAuto();
        headers = arena.allocate((long) Burst.CAPACITY * SIZE, Long.BYTES);
        vectors = arena.allocate((long) Burst.CAPACITY * VECTOR_SIZE, Long.BYTES);
        controls = arena.allocate((long) Burst.CAPACITY * CONTROL_SIZE, Long.BYTES);
        for (long m = 0; m < Burst.CAPACITY; m++) {
            headers.set(JAVA_LONG, m * SIZE + CONTROL, controls.address() + m * CONTROL_SIZE);
            controls.set(JAVA_LONG, m * CONTROL_SIZE, CONTROL_BYTES);
            controls.set(JAVA_INT, m * CONTROL_SIZE + CONTROL_LEVEL, SOL_UDP);
            controls.set(JAVA_INT, m * CONTROL_SIZE + CONTROL_TYPE, UDP_SEGMENT);
        }
    }

    /** From now on each datagram is a message of its own: the kernel does not cut for this interface. */
    void joinNoMore() {
        joins = false;
    }

    boolean joins() {
        return joins;
    }

    /** Empties it. */
    void begin() {
        messages = 0;
        vector = 0;
        destination = null;
    }

    /** Adds a datagram behind the others; at most {@link Burst#CAPACITY} are added. */
    void add(long address, int length, MemorySegment to) {
        vectors.set(JAVA_LONG, (long) vector * VECTOR_SIZE, address);
        vectors.set(JAVA_LONG, (long) vector * VECTOR_SIZE + VECTOR_LENGTH, length);
        if (joins && to == destination && lastLength == datagramLength && length <= datagramLength && bytes + length <= MOST_BYTES
                && datagrams[messages - 1] < MOST_DATAGRAMS) {
            join(messages - 1);
        } else {
            first(messages++, length, to);
        }
        vector++;
        lastLength = length;
        bytes += length;
    }

    private void first(int message, int length, MemorySegment to) {
        long at = (long) message * SIZE;
        headers.set(JAVA_LONG, at + NAME, to.address());
        headers.set(JAVA_INT, at + NAME_LENGTH, (int) to.byteSize());
        headers.set(JAVA_LONG, at + VECTOR, vectors.address() + (long) vector * VECTOR_SIZE);
        headers.set(JAVA_LONG, at + VECTOR_COUNT, 1);
        headers.set(JAVA_LONG, at + CONTROL_LENGTH, 0);
        datagrams[message] = 1;
        destination = to;
        datagramLength = length;
        bytes = 0;
    }

    private void join(int message) {
        long at = (long) message * SIZE;
        headers.set(JAVA_LONG, at + VECTOR_COUNT, ++datagrams[message]);
        headers.set(JAVA_LONG, at + CONTROL_LENGTH, CONTROL_SIZE);
        controls.set(JAVA_SHORT, (long) message * CONTROL_SIZE + CONTROL_DATA, (short) datagramLength);
    }

    MemorySegment headers() {
        return headers;
    }

    int messages() {
        return messages;
    }

    /** Datagrams in the first so many messages. */
    int datagrams(int firstMessages) {
        int sum = 0;
        for (int m = 0; m < firstMessages; m++) {
            sum += datagrams[m];
        }
        return sum;
    }
}
