package dev.weft.benchmarks.peers;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * An array of struct mmsghdr with a datagram each, whose first 8 bytes are its number. struct mmsghdr: name 8, its length 8, iovec 8, how many 8,
 * control 8, its length 8, flags 8, length 8; struct iovec: base 8, length 8.
 */
final class MessageBatch {

    static final int MOST = 64;

    private static final long SIZE = 64;
    private static final long NAME_LENGTH = 8;
    private static final long VECTOR = 16;
    private static final long VECTOR_COUNT = 24;
    private static final long VECTOR_SIZE = 16;

    private final MemorySegment headers;
    private final MemorySegment data;
    private final long bytes;
    /** What the headers' addresses alone would not keep. */
    private final MemorySegment[] kept;

    /** @param to where they go; NULL for those that are received */
    MessageBatch(int bytes, MemorySegment to) {
        Arena arena = Arena.ofAuto();
        this.bytes = bytes;
        headers = arena.allocate(MOST * SIZE, Long.BYTES);
        data = arena.allocate(MOST * (long) bytes, Long.BYTES);
        MemorySegment vectors = arena.allocate(MOST * VECTOR_SIZE, Long.BYTES);
        for (long i = 0; i < MOST; i++) {
            vectors.set(JAVA_LONG, i * VECTOR_SIZE, data.address() + i * bytes);
            vectors.set(JAVA_LONG, i * VECTOR_SIZE + Long.BYTES, bytes);
            headers.set(JAVA_LONG, i * SIZE, to.address());
            headers.set(JAVA_INT, i * SIZE + NAME_LENGTH, (int) to.byteSize());
            headers.set(JAVA_LONG, i * SIZE + VECTOR, vectors.address() + i * VECTOR_SIZE);
            headers.set(JAVA_LONG, i * SIZE + VECTOR_COUNT, 1);
        }
        kept = new MemorySegment[] {vectors, to};
    }

    MemorySegment headers() {
        return headers;
    }

    /** Numbers the first so many, from a number on. */
    void number(long from, int count) {
        for (int i = 0; i < count; i++) {
            data.set(JAVA_LONG_UNALIGNED, i * bytes, from + i);
        }
    }

    long number(int message) {
        return data.get(JAVA_LONG_UNALIGNED, message * bytes);
    }
}
