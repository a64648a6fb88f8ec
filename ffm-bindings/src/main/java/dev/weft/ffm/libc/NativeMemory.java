package dev.weft.ffm.libc;

import java.lang.foreign.MemorySegment;

/**
 * All of native memory as one segment, whose offsets are addresses: a constant to the JIT compiler, to which an access is an instruction.
 * Of a segment that is no constant each access first looks at its class, its life and its end, and a stage that accesses one often is too
 * much code to be inlined into its loop. Nothing checks an address: for memory whose user alone computes them.
 */
public final class NativeMemory {

    private static final MemorySegment ALL = all();
    /** More bits than addresses of any process have. */
    private static final long ADDRESSES = Long.MAX_VALUE >>> 1;

    private NativeMemory() {
    }

    private static MemorySegment all() {
        try {
            return MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
        } catch (IllegalCallerException _) {
            return null; // Native access is denied to this module (--illegal-native-access=deny).
        }
    }

    /** What a native segment's memory is accessed by: all of native memory, or the segment itself where native access is denied. */
    public static MemorySegment around(MemorySegment own) {
        return ALL == null ? own : ALL;
    }

    /** Where a segment begins in what is {@link #around} it. */
    public static long begin(MemorySegment own) {
        return ALL == null ? 0 : own.address();
    }

    /**
     * The same address; the JIT compiler knows of this one that what is near it lies within all of native memory, and leaves out the comparison
     * with the end, four instructions for each field that is read. What is no address at all is not refused any more where native memory is
     * around it.
     */
    public static long address(long address) {
        return address & ADDRESSES;
    }
}
