package dev.weft.ffm.libc;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** A socket of any family. The calls after {@link #open} are for one thread at a time. */
public final class NativeSocket implements AutoCloseable {

    public static final int AF_INET = 2;
    public static final int AF_INET6 = 10;
    public static final int AF_NETLINK = 16;
    public static final int AF_PACKET = 17;
    public static final int SOCK_DGRAM = 2;
    public static final int SOCK_RAW = 3;
    public static final int SOCK_NONBLOCK = 0x800;
    public static final int SOL_SOCKET = 1;
    public static final int SO_RCVBUF = 8;
    public static final int SO_ATTACH_FILTER = 26;
    /** Beyond the system's limits; asks CAP_NET_ADMIN. */
    public static final int SO_SNDBUFFORCE = 32;
    public static final int SO_RCVBUFFORCE = 33;
    public static final int IPPROTO_IPV6 = 41;
    public static final int IPV6_V6ONLY = 26;

    private static final int SOCK_CLOEXEC = 0x80000;

    private static final MethodHandle SOCKET = Libc.function("socket", FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.INT, Libc.INT));
    private static final MethodHandle BIND = Libc.function("bind", FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.POINTER, Libc.INT));
    private static final MethodHandle SETSOCKOPT = Libc.function("setsockopt",
            FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.INT, Libc.INT, Libc.POINTER, Libc.INT));
    private static final MethodHandle GETSOCKOPT = Libc.function("getsockopt",
            FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.INT, Libc.INT, Libc.POINTER, Libc.POINTER));
    private static final MethodHandle RECVMMSG = Libc.function("recvmmsg",
            FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.POINTER, Libc.INT, Libc.INT, Libc.POINTER));
    private static final MethodHandle SENDMMSG = Libc.function("sendmmsg",
            FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.POINTER, Libc.INT, Libc.INT));

    private final Descriptor descriptor;
    private final MemorySegment errno = Libc.newErrno();

    private NativeSocket(int number) {
        descriptor = new Descriptor(number);
    }

    /**
     * As socket(2); SOCK_CLOEXEC is added.
     *
     * @throws dev.weft.api.WeftException.PrivilegeMissing if the kernel does not allow it
     */
    public static NativeSocket open(int family, int type, int protocol) {
        MemorySegment errno = Libc.newErrno();
        int number;
        try {
            number = (int) SOCKET.invokeExact(errno, family, type | SOCK_CLOEXEC, protocol);
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
        if (number < 0) {
            throw Errno.failure("socket of family " + family, Libc.errno(errno));
        }
        return new NativeSocket(number);
    }

    public Descriptor descriptor() {
        return descriptor;
    }

    /**
     * Binds.
     *
     * @param address a sockaddr of the socket's family
     * @param what    the address in words, for the error
     * @throws dev.weft.api.WeftException.PortInUse if it is taken
     */
    public void bind(MemorySegment address, String what) {
        try {
            int result = (int) BIND.invokeExact(errno, descriptor.number(), address, (int) address.byteSize());
            if (result < 0) {
                throw Errno.failure("bind to " + what, Libc.errno(errno));
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /** As setsockopt(2): 0, or less errno. */
    public int option(int level, int name, MemorySegment value) {
        try {
            int result = (int) SETSOCKOPT.invokeExact(errno, descriptor.number(), level, name, value, (int) value.byteSize());
            return result < 0 ? -Libc.errno(errno) : result;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /** As setsockopt(2) with an int: 0, or less errno. */
    public int option(int level, int name, int value) {
        try (Arena arena = Arena.ofConfined()) {
            return option(level, name, arena.allocateFrom(ValueLayout.JAVA_INT, value));
        }
    }

    /** As getsockopt(2) of an option that is as long as the memory: 0, or less errno. */
    public int getOption(int level, int name, MemorySegment value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, (int) value.byteSize());
            int result = (int) GETSOCKOPT.invokeExact(errno, descriptor.number(), level, name, value, length);
            return result < 0 ? -Libc.errno(errno) : result;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /** As recvmmsg(2) without a timeout: the messages received, or less errno. Allocates nothing. */
    public int receiveMany(MemorySegment headers, int count, int flags) {
        try {
            int result = (int) RECVMMSG.invokeExact(errno, descriptor.number(), headers, count, flags, MemorySegment.NULL);
            return result < 0 ? -Libc.errno(errno) : result;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /** As sendmmsg(2): the messages sent, or less errno. Allocates nothing. */
    public int sendMany(MemorySegment headers, int count, int flags) {
        try {
            int result = (int) SENDMMSG.invokeExact(errno, descriptor.number(), headers, count, flags);
            return result < 0 ? -Libc.errno(errno) : result;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
