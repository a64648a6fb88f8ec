package dev.weft.ffm.libc;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Locale;

/** Memory outside the heap that the kernel provides page by page, when it is first touched (mmap(2), MAP_ANONYMOUS). */
public final class AnonymousMemory {

    /** A cache line: what is smaller than a huge page begins at one. */
    public static final int LINE = 64;
    /** Of x86-64, and of aarch64 with pages of 4 KiB. */
    private static final long HUGE_PAGE = 2 << 20;

    private static final boolean LINUX = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux");
    private static final int PROT_READ_WRITE = 1 | 2;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x2 | 0x20;
    private static final long MAP_FAILED = -1;
    private static final int MADV_HUGEPAGE = 14;

    private AnonymousMemory() {
    }

    /**
     * Zeroes, as long as they are reachable. What is at least a huge page begins at one, and the kernel is asked to use huge pages for it
     * (transparent ones: those that are reserved are DPDK's). Where it has none, the memory is of ordinary pages; where this
     * is not Linux, or native access is denied, it is of ordinary pages and resident at once.
     *
     * @throws OutOfMemoryError when there is no room for it
     */
    public static MemorySegment allocate(long bytes) {
        if (bytes >= HUGE_PAGE && LINUX) {
            try {
                return Mapping.map(bytes);
            } catch (IllegalCallerException | LinkageError _) {
                // Native access is denied to this module (--illegal-native-access=deny).
            }
        }
        return Arena.ofAuto().allocate(bytes, LINE);
    }

    /** Apart, for only Linux has these functions with these numbers. */
    private static final class Mapping {

        private static final MethodHandle MMAP = Libc.function("mmap", FunctionDescriptor.of(Libc.LONG, Libc.LONG, Libc.LONG, Libc.INT, Libc.INT,
                Libc.INT, Libc.LONG));
        private static final MethodHandle MUNMAP = Libc.function("munmap", FunctionDescriptor.of(Libc.INT, Libc.LONG, Libc.LONG));
        private static final MethodHandle MADVISE = Libc.function("madvise", FunctionDescriptor.of(Libc.INT, Libc.LONG, Libc.LONG, Libc.INT));

        static MemorySegment map(long bytes) {
            long mapped = bytes + HUGE_PAGE; // some of it is left over before the first huge page; nobody touches it
            try {
                MemorySegment errno = Libc.newErrno();
                long address = (long) MMAP.invokeExact(errno, 0L, mapped, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0L);
                if (address == MAP_FAILED) {
                    throw new OutOfMemoryError("mmap of " + mapped + " bytes: errno " + Libc.errno(errno));
                }
                long aligned = (address + HUGE_PAGE - 1) & -HUGE_PAGE;
                // A kernel without transparent huge pages (EINVAL) is no reason to fail.
                int ignored = (int) MADVISE.invokeExact(errno, aligned, bytes, MADV_HUGEPAGE);
                return MemorySegment.ofAddress(aligned).reinterpret(bytes, Arena.ofAuto(), _ -> unmap(address, mapped));
            } catch (OutOfMemoryError | IllegalCallerException e) {
                throw e;
            } catch (Throwable e) {
                throw Libc.unexpected(e);
            }
        }

        private static void unmap(long address, long mapped) {
            try {
                int ignored = (int) MUNMAP.invokeExact(Libc.newErrno(), address, mapped);
            } catch (Throwable e) {
                throw Libc.unexpected(e);
            }
        }
    }
}
