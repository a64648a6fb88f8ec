package dev.weft.ffm.libc;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Names under /run/netns are made, and dead ones removed, by one at a time: between the file and the mount on it a new name looks dead. It is
 * flock(2) of the directory, which {@code ip netns add} takes as well.
 */
final class NamesLock implements AutoCloseable {

    private static final MethodHandle FLOCK = Libc.function("flock", FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.INT));
    private static final int LOCK_EX = 2;
    private static final int EINTR = 4;

    private final Descriptor directory;

    private NamesLock(Descriptor directory) {
        this.directory = directory;
    }

    /** Waits until nobody has it. */
    static NamesLock take() {
        Descriptor directory = Descriptor.open(NetworkNamespace.NAMES.toString(), Descriptor.O_RDONLY);
        int error = lock(directory.number());
        if (error != 0) {
            directory.close();
            throw Errno.failure("lock " + NetworkNamespace.NAMES, error);
        }
        return new NamesLock(directory);
    }

    private static int lock(int descriptor) {
        MemorySegment errno = Libc.newErrno();
        try {
            while ((int) FLOCK.invokeExact(errno, descriptor, LOCK_EX) < 0) {
                if (Libc.errno(errno) != EINTR) {
                    return Libc.errno(errno);
                }
            }
            return 0;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    @Override
    public void close() {
        directory.close();
    }
}
