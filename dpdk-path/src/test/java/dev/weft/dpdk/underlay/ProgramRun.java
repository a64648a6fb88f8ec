package dev.weft.dpdk.underlay;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.ffm.bpf.BpfProgram;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The kernel runs an XDP program over a packet and says what it decided: BPF_PROG_TEST_RUN. A map of devices stands in for that of sockets,
 * with the loopback interface at queue 0: the helper's answer to an empty place would be the same as to let pass.
 */
final class ProgramRun implements AutoCloseable {

    static final int XDP_PASS = 2;
    static final int XDP_REDIRECT = 4;

    private static final long SYS_BPF = 321;
    private static final int BPF_MAP_CREATE = 0;
    private static final int BPF_MAP_UPDATE_ELEM = 2;
    private static final int BPF_PROG_LOAD = 5;
    private static final int BPF_PROG_TEST_RUN = 10;
    private static final int BPF_MAP_TYPE_DEVMAP = 14;
    private static final int BPF_PROG_TYPE_XDP = 6;
    private static final int LOOPBACK = 1;
    private static final int LOG = 65_536;
    private static final int ATTRIBUTES = 80;

    private static final FunctionDescriptor FOUR = FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS, ValueLayout.JAVA_LONG);
    private static final MethodHandle SYSCALL = Linker.nativeLinker().downcallHandle(
            Linker.nativeLinker().defaultLookup().findOrThrow("syscall"), FOUR, Linker.Option.firstVariadicArg(1));
    private static final MethodHandle CLOSE = Linker.nativeLinker().downcallHandle(
            Linker.nativeLinker().defaultLookup().findOrThrow("close"), FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private final Arena arena = Arena.ofConfined();
    private final int map;
    private final int program;

    ProgramRun(BpfProgram written) {
        MemorySegment create = arena.allocate(ATTRIBUTES, Long.BYTES);
        create.asByteBuffer().order(ByteOrder.nativeOrder()).putInt(BPF_MAP_TYPE_DEVMAP).putInt(4).putInt(4).putInt(64);
        map = call(BPF_MAP_CREATE, create);
        assertTrue(map >= 0, "a map of devices");
        MemorySegment update = arena.allocate(ATTRIBUTES, Long.BYTES);
        update.set(ValueLayout.JAVA_INT, 0, map);
        update.set(ValueLayout.ADDRESS, 8, arena.allocateFrom(ValueLayout.JAVA_INT, 0));
        update.set(ValueLayout.ADDRESS, 16, arena.allocateFrom(ValueLayout.JAVA_INT, LOOPBACK));
        assertTrue(call(BPF_MAP_UPDATE_ELEM, update) >= 0, "the loopback interface in it");
        program = load(written.with(map));
    }

    private int load(long... instructions) {
        MemorySegment log = arena.allocate(LOG);
        MemorySegment load = arena.allocate(ATTRIBUTES, Long.BYTES);
        load.set(ValueLayout.JAVA_INT, 0, BPF_PROG_TYPE_XDP);
        load.set(ValueLayout.JAVA_INT, 4, instructions.length);
        load.set(ValueLayout.ADDRESS, 8, arena.allocateFrom(ValueLayout.JAVA_LONG, instructions));
        load.set(ValueLayout.ADDRESS, 16, arena.allocateFrom("GPL"));
        load.set(ValueLayout.JAVA_INT, 24, 1);
        load.set(ValueLayout.JAVA_INT, 28, LOG);
        load.set(ValueLayout.ADDRESS, 32, log);
        int loaded = call(BPF_PROG_LOAD, load);
        assertTrue(loaded >= 0, () -> "the kernel's verifier says: " + log.getString(0, StandardCharsets.US_ASCII));
        return loaded;
    }

    /** @return what the program decided about the packet */
    int verdict(byte... packet) {
        MemorySegment run = arena.allocate(ATTRIBUTES, Long.BYTES);
        run.set(ValueLayout.JAVA_INT, 0, program);
        run.set(ValueLayout.JAVA_INT, 8, packet.length);
        run.set(ValueLayout.ADDRESS, 16, arena.allocateFrom(ValueLayout.JAVA_BYTE, packet));
        assertTrue(call(BPF_PROG_TEST_RUN, run) >= 0, () -> "the kernel runs no program over " + packet.length + " bytes");
        return run.get(ValueLayout.JAVA_INT, 4);
    }

    private static int call(int command, MemorySegment attributes) {
        try {
            return (int) (long) SYSCALL.invokeExact(SYS_BPF, (long) command, attributes, attributes.byteSize());
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        try {
            int ignored = (int) CLOSE.invokeExact(program) | (int) CLOSE.invokeExact(map);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
        arena.close();
    }
}
