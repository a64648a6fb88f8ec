package dev.weft.ffm.libc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The packet and AF_XDP sockets of this process: how to learn of those that a driver opens for itself and does not speak of. */
public final class PacketSockets {

    private static final MethodHandle GETSOCKNAME = Libc.function("getsockname",
            FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.POINTER, Libc.POINTER));
    private static final MethodHandle GETSOCKOPT = Libc.function("getsockopt",
            FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.INT, Libc.INT, Libc.POINTER, Libc.POINTER));
    private static final MethodHandle SETSOCKOPT = Libc.function("setsockopt",
            FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.INT, Libc.INT, Libc.POINTER, Libc.INT));
    private static final int SO_DOMAIN = 39;
    private static final int AF_XDP = 44;
    /** struct sockaddr_ll: sll_family 0, sll_ifindex 4. */
    private static final int SOCKADDR_LL = 20;
    private static final int INTERFACE = 4;
    /** struct sock_fprog: a count, padding, a pointer. */
    private static final int SOCK_FPROG = 16;

    private PacketSockets() {
    }

    /** Descriptors of packet sockets that are bound to an interface, by its index in the network namespace of each. */
    public static int[] boundTo(int interfaceIndex) {
        return open(number -> isBound(number, interfaceIndex));
    }

    /** Those that were not there before. */
    public static int[] boundTo(int interfaceIndex, int[] before) {
        return without(boundTo(interfaceIndex), before);
    }

    /** Descriptors of AF_XDP sockets, of whatever interface: they do not say. */
    public static int[] xdp() {
        return open(PacketSockets::isXdp);
    }

    /** Those that were not there before. */
    public static int[] xdp(int[] before) {
        return without(xdp(), before);
    }

    /**
     * Remembers sockets that are somebody else's to close.
     *
     * @return closes those that are still open when it runs, and nothing that has their numbers by then
     */
    public static Runnable closer(int... descriptors) {
        List<Optional<Path>> known = IntStream.of(descriptors).mapToObj(PacketSockets::identity).toList();
        return () -> {
            for (int i = 0; i < descriptors.length; i++) {
                if (known.get(i).isPresent() && known.get(i).equals(identity(descriptors[i]))) {
                    new Descriptor(descriptors[i]).close();
                }
            }
        };
    }

    /** {@code socket:[INODE]}. */
    private static Optional<Path> identity(int descriptor) {
        try {
            return Optional.of(Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Has a packet socket receive only what a filter lets through; what waits in it already stays.
     *
     * @param filter {@code struct sock_filter}s of linux/filter.h: code 2, jump if true 1, if false 1, constant 4 bytes; little-endian
     */
    public static void filter(int descriptor, long... filter) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment program = arena.allocate(SOCK_FPROG, Long.BYTES);
            program.set(ValueLayout.JAVA_SHORT, 0, (short) filter.length);
            program.set(ValueLayout.ADDRESS, 8, arena.allocateFrom(ValueLayout.JAVA_LONG, filter));
            MemorySegment errno = Libc.newErrno();
            int result = (int) SETSOCKOPT.invokeExact(errno, descriptor, NativeSocket.SOL_SOCKET, NativeSocket.SO_ATTACH_FILTER, program, SOCK_FPROG);
            if (result < 0) {
                throw Errno.failure("filter what a packet socket receives", Libc.errno(errno));
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    private static int[] open(IntPredicate wanted) {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.mapToInt(path -> Integer.parseInt(path.getFileName().toString())).filter(wanted).sorted().toArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int[] without(int[] now, int[] before) {
        return IntStream.of(now).filter(number -> IntStream.of(before).noneMatch(known -> known == number)).toArray();
    }

    private static boolean isBound(int number, int interfaceIndex) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(SOCKADDR_LL, Integer.BYTES);
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, SOCKADDR_LL);
            int result = (int) GETSOCKNAME.invokeExact(Libc.newErrno(), number, address, length);
            return result == 0 && address.get(ValueLayout.JAVA_SHORT, 0) == NativeSocket.AF_PACKET
                    && address.get(ValueLayout.JAVA_INT, INTERFACE) == interfaceIndex;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    private static boolean isXdp(int number) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment domain = arena.allocate(ValueLayout.JAVA_INT);
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, Integer.BYTES);
            int result = (int) GETSOCKOPT.invokeExact(Libc.newErrno(), number, NativeSocket.SOL_SOCKET, SO_DOMAIN, domain, length);
            return result == 0 && domain.get(ValueLayout.JAVA_INT, 0) == AF_XDP;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }
}
