package dev.weft.ffm.libc;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** What the kernel writes of a process that it ends: not secrets. */
public final class CoreFile {

    /** The smallest piece of memory that can be left out, on x86-64 and in practice everywhere else. */
    public static final int PAGE = 4096;

    private static final MethodHandle MADVISE = Libc.function("madvise",
            FunctionDescriptor.of(Libc.INT, Libc.POINTER, Libc.LONG, Libc.INT));
    private static final int MADV_DONTDUMP = 16;

    private CoreFile() {
    }

    /**
     * Whole pages that no core file shows, zero at first; they live as long as they are reachable.
     *
     * @param bytes at least
     */
    public static MemorySegment allocateOutside(long bytes) {
        MemorySegment memory = Arena.ofAuto().allocate((bytes + PAGE - 1) / PAGE * PAGE, PAGE);
        try {
            // A kernel that does not know it (before 3.4) is no reason to fail.
            int ignored = (int) MADVISE.invokeExact(Libc.newErrno(), memory, memory.byteSize(), MADV_DONTDUMP);
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
        return memory;
    }
}
