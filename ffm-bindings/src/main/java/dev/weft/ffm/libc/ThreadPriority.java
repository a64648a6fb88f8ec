package dev.weft.ffm.libc;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The nice value of the calling thread: -20 (before all others) to 19. POSIX has it be the process's; on Linux each thread has its own
 * (setpriority(2), "C library/kernel differences"). For one thread; allocates nothing.
 */
public final class ThreadPriority {

    private static final int PRIO_PROCESS = 0;
    /** Whoever calls. */
    private static final int SELF = 0;

    private static final MethodHandle GETPRIORITY = Libc.function("getpriority", FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.INT));
    private static final MethodHandle SETPRIORITY = Libc.function("setpriority", FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.INT, Libc.INT));

    private final MemorySegment errno;

    /** For any thread, which is then the only one that uses it. */
    public ThreadPriority() {
        errno = Libc.newErrno();
    }

    /** The nice value: of the calling thread it can always be read. */
    public int nice() {
        try {
            return (int) GETPRIORITY.invokeExact(errno, PRIO_PROCESS, SELF);
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /** Sets it: 0, or less errno ({@code -13}, EACCES: a lower value than before asks CAP_SYS_NICE, or RLIMIT_NICE). */
    public int nice(int value) {
        try {
            int result = (int) SETPRIORITY.invokeExact(errno, PRIO_PROCESS, SELF, value);
            return result < 0 ? -Libc.errno(errno) : result;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }
}
