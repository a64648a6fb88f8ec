package dev.weft.ffm.libc;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * RCU's grace period: after it, no processor is inside the kernel any more where it was before, with a packet in its hands. What the
 * packet's way has looked up (its route, with an SA in it) was used or let go of meanwhile.
 */
public final class GracePeriod {

    /** The command that waits for RCU; there is nothing to register for it. */
    private static final int MEMBARRIER_CMD_GLOBAL = 1;

    private static final MethodHandle SYSCALL = Libc.variadic("syscall", 1,
            FunctionDescriptor.of(Libc.LONG, Libc.LONG, Libc.INT, Libc.INT, Libc.INT));

    private GracePeriod() {
    }

    /**
     * Waits for one: some ten milliseconds.
     *
     * @return false if this kernel does not (one with nohz_full, or a seccomp filter that forbids membarrier(2)); then nothing was waited for
     */
    public static boolean await() {
        MemorySegment errno = Libc.newErrno();
        try {
            return (long) SYSCALL.invokeExact(errno, SystemCall.MEMBARRIER.number, MEMBARRIER_CMD_GLOBAL, 0, 0) == 0;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }
}
