package dev.weft.ffm.libc;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Sleeps until one of several descriptors can be read, or another thread calls {@link #wake}: poll(2) over an eventfd and those. One
 * thread waits; any may wake. Allocates nothing but in {@link #watch}.
 */
public final class ReadinessWait implements AutoCloseable {

    private static final MethodHandle EVENTFD = Libc.function("eventfd", FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.INT));
    private static final MethodHandle POLL = Libc.function("poll", FunctionDescriptor.of(Libc.INT, Libc.POINTER, Libc.LONG, Libc.INT));
    private static final int EFD_NONBLOCK = 0x800;
    private static final int EFD_CLOEXEC = 0x80000;
    private static final short POLLIN = 1;
    /** struct pollfd: fd 0, events 4, revents 6. */
    private static final int POLLFD = 8;
    private static final int EVENTS = 4;
    private static final int RETURNED = 6;

    private final Descriptor event;
    private final MemorySegment errno = Libc.newErrno();
    private final MemorySegment one = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_LONG, 1L);
    private final MemorySegment value = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG);
    private MemorySegment polled;
    private int count;

    private ReadinessWait(Descriptor event) {
        this.event = event;
        watch(new int[0]);
    }

    /** @throws dev.weft.api.WeftException.DataPathFailed if the process has no descriptor left */
    public static ReadinessWait open() {
        MemorySegment errno = Libc.newErrno();
        try {
            int number = (int) EVENTFD.invokeExact(errno, 0, EFD_NONBLOCK | EFD_CLOEXEC);
            if (number < 0) {
                throw Errno.failure("make an eventfd", Libc.errno(errno));
            }
            return new ReadinessWait(new Descriptor(number));
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /** Waits for these descriptors from now on. */
    public void watch(int[] descriptors) {
        count = descriptors.length + 1;
        polled = Arena.ofAuto().allocate((long) count * POLLFD, Long.BYTES);
        for (int i = 0; i < count; i++) {
            polled.set(ValueLayout.JAVA_INT, (long) i * POLLFD, i == 0 ? event.number() : descriptors[i - 1]);
            polled.set(ValueLayout.JAVA_SHORT, (long) i * POLLFD + EVENTS, POLLIN);
        }
    }

    /** Returns when a descriptor can be read (or is broken), {@link #wake} was called since the last wait, or the time is over. */
    public void await(int milliseconds) {
        try {
            int ready = (int) POLL.invokeExact(errno, polled, (long) count, milliseconds);
            if (ready > 0 && returned(0) != 0) {
                event.read(value, 0, Long.BYTES);
            }
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /** Whether the last wait found that this descriptor can be read, or is broken. @param index among those of {@link #watch} */
    public boolean isReady(int index) {
        return returned(index + 1) != 0;
    }

    private short returned(int index) {
        return polled.get(ValueLayout.JAVA_SHORT, (long) index * POLLFD + RETURNED);
    }

    /** Any thread: ends the wait, or the next one. */
    public void wake() {
        event.write(one, 0, Long.BYTES);
    }

    @Override
    public void close() {
        event.close();
    }
}
