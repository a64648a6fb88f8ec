package dev.weft.ffm.libc;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A file descriptor and the calls that any descriptor takes. They allocate nothing. One thread at a time reads and controls,
 * one writes; {@link #close} is for any, when no other call is under way.
 */
public final class Descriptor implements AutoCloseable {

    public static final int O_RDONLY = 0;
    public static final int O_RDWR = 2;
    public static final int O_NONBLOCK = 0x800;
    public static final int O_CLOEXEC = 0x80000;

    private static final MethodHandle OPEN = Libc.variadic("open", 2, FunctionDescriptor.of(Libc.INT, Libc.POINTER, Libc.INT));
    private static final MethodHandle READ = Libc.function("read", FunctionDescriptor.of(Libc.LONG, Libc.INT, Libc.POINTER, Libc.LONG));
    private static final MethodHandle WRITE = Libc.function("write", FunctionDescriptor.of(Libc.LONG, Libc.INT, Libc.POINTER, Libc.LONG));
    private static final MethodHandle WRITEV = Libc.function("writev", FunctionDescriptor.of(Libc.LONG, Libc.INT, Libc.POINTER, Libc.INT));
    private static final MethodHandle IOCTL_VALUE = Libc.variadic("ioctl", 2, FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.LONG, Libc.LONG));
    private static final MethodHandle IOCTL = Libc.variadic("ioctl", 2, FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.LONG, Libc.POINTER));
    private static final MethodHandle CLOSE = Libc.function("close", FunctionDescriptor.of(Libc.INT, Libc.INT));

    private final int number;
    private final MemorySegment errno = Libc.newErrno();
    private final MemorySegment writeErrno = Libc.newErrno();
    private final AtomicBoolean closed = new AtomicBoolean();

    Descriptor(int number) {
        this.number = number;
    }

    /**
     * Opens a file; O_CLOEXEC is added.
     *
     * @throws dev.weft.api.WeftException.PrivilegeMissing if it may not be opened
     * @throws dev.weft.api.WeftException.DataPathFailed   if it cannot
     */
    public static Descriptor open(String path, int flags) {
        MemorySegment errno = Libc.newErrno();
        try (Arena arena = Arena.ofConfined()) {
            int number = (int) OPEN.invokeExact(errno, arena.allocateFrom(path), flags | O_CLOEXEC);
            if (number < 0) {
                throw Errno.failure("open " + path, Libc.errno(errno));
            }
            return new Descriptor(number);
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    public int number() {
        return number;
    }

    /** As read(2): the bytes read, 0 at the end, or less errno ({@code -11} for EAGAIN) when there are none. */
    public long read(MemorySegment memory, long offset, long length) {
        try {
            long got = (long) READ.invokeExact(errno, number, memory.asSlice(offset, length), length);
            return got < 0 ? -Libc.errno(errno) : got;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /** As write(2): the bytes written, or less errno. */
    public long write(MemorySegment memory, long offset, long length) {
        try {
            long put = (long) WRITE.invokeExact(writeErrno, number, memory.asSlice(offset, length), length);
            return put < 0 ? -Libc.errno(writeErrno) : put;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /** As writev(2): the bytes written, or less errno. @param iovecs {@code count} of {@code struct iovec} */
    public long writev(MemorySegment iovecs, int count) {
        try {
            long put = (long) WRITEV.invokeExact(writeErrno, number, iovecs, count);
            return put < 0 ? -Libc.errno(writeErrno) : put;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /** As ioctl(2) with a number as its argument: the result, or less errno. */
    public int ioctl(long request, long argument) {
        try {
            int result = (int) IOCTL_VALUE.invokeExact(errno, number, request, argument);
            return result < 0 ? -Libc.errno(errno) : result;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /** As ioctl(2): the result, or less errno. */
    public int ioctl(long request, MemorySegment argument) {
        try {
            int result = (int) IOCTL.invokeExact(errno, number, request, argument);
            return result < 0 ? -Libc.errno(errno) : result;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            try {
                int ignored = (int) CLOSE.invokeExact(errno, number);
            } catch (Throwable e) {
                throw Libc.unexpected(e);
            }
        }
    }
}
