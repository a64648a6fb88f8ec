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
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The packet sockets of this process: how to learn of those that a driver opens for itself and does not speak of. */
public final class PacketSockets {

    private static final MethodHandle GETSOCKNAME = Libc.function("getsockname",
            FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.POINTER, Libc.POINTER));
    /** struct sockaddr_ll: sll_family 0, sll_ifindex 4. */
    private static final int SOCKADDR_LL = 20;
    private static final int INTERFACE = 4;

    private PacketSockets() {
    }

    /** Descriptors of those that are bound to an interface, by its index in the network namespace of each. */
    public static int[] boundTo(int interfaceIndex) {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.mapToInt(path -> Integer.parseInt(path.getFileName().toString())).filter(number -> isBound(number, interfaceIndex))
                    .sorted().toArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Those that were not there before. */
    public static int[] boundTo(int interfaceIndex, int[] before) {
        return IntStream.of(boundTo(interfaceIndex)).filter(number -> IntStream.of(before).noneMatch(known -> known == number)).toArray();
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
}
