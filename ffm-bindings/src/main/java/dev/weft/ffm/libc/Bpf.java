package dev.weft.ffm.libc;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** bpf(2), as much of it as XDP programs ask for. What fails returns less errno. */
final class Bpf {

    private static final int BPF_MAP_UPDATE_ELEM = 2;
    private static final int BPF_PROG_LOAD = 5;
    private static final int BPF_PROG_GET_FD_BY_ID = 13;
    private static final int BPF_MAP_GET_FD_BY_ID = 14;
    private static final int BPF_OBJ_GET_INFO_BY_FD = 15;
    private static final int BPF_LINK_CREATE = 28;
    private static final int BPF_PROG_TYPE_XDP = 6;
    private static final int BPF_XDP = 37;
    /** union bpf_attr: as much of it as these commands use. */
    private static final int ATTRIBUTES = 48;
    /** struct bpf_prog_info up to its name: 16 bytes at 64. How many maps it has and may tell, and where to: at 52 and 56. */
    private static final int PROGRAM_INFO = 80;
    private static final int PROGRAM_MAPS = 52;
    private static final int PROGRAM_MAP_IDS = 56;
    private static final int PROGRAM_NAME = 64;

    private static final MethodHandle SYSCALL = Libc.variadic("syscall", 1,
            FunctionDescriptor.of(Libc.LONG, Libc.LONG, Libc.INT, Libc.POINTER, Libc.INT));

    private Bpf() {
    }

    /** Loads an XDP program: its descriptor. */
    static int loadXdp(long... instructions) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment load = arena.allocate(ATTRIBUTES, Long.BYTES);
            load.set(ValueLayout.JAVA_INT, 0, BPF_PROG_TYPE_XDP);
            load.set(ValueLayout.JAVA_INT, 4, instructions.length);
            load.set(ValueLayout.ADDRESS, 8, arena.allocateFrom(ValueLayout.JAVA_LONG, instructions));
            load.set(ValueLayout.ADDRESS, 16, arena.allocateFrom("GPL"));
            return call(BPF_PROG_LOAD, load);
        }
    }

    /** Attaches an XDP program to an interface by a link, which goes with its descriptor. @param flags XDP_FLAGS_* */
    static int linkXdp(int program, int interfaceIndex, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment create = arena.allocate(ATTRIBUTES, Long.BYTES);
            create.set(ValueLayout.JAVA_INT, 0, program);
            create.set(ValueLayout.JAVA_INT, 4, interfaceIndex);
            create.set(ValueLayout.JAVA_INT, 8, BPF_XDP);
            create.set(ValueLayout.JAVA_INT, 12, flags);
            return call(BPF_LINK_CREATE, create);
        }
    }

    /** A descriptor of a program that is loaded; asks CAP_SYS_ADMIN. */
    static int programOf(int id) {
        return byId(BPF_PROG_GET_FD_BY_ID, id);
    }

    private static int byId(int command, int id) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment get = arena.allocate(ATTRIBUTES, Long.BYTES);
            get.set(ValueLayout.JAVA_INT, 0, id);
            return call(command, get);
        }
    }

    /** The name that a program was loaded with; empty when it has none or cannot be asked. */
    static String nameOf(int program) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(PROGRAM_INFO, Long.BYTES);
            return inform(program, info, arena) < 0 ? "" : info.getString(PROGRAM_NAME);
        }
    }

    /** A descriptor of the only map that a program has; asks CAP_SYS_ADMIN. */
    static int mapOf(int program) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(PROGRAM_INFO, Long.BYTES);
            MemorySegment id = arena.allocate(ValueLayout.JAVA_INT);
            info.set(ValueLayout.JAVA_INT, PROGRAM_MAPS, 1);
            info.set(ValueLayout.ADDRESS, PROGRAM_MAP_IDS, id);
            int result = inform(program, info, arena);
            return result < 0 ? result : byId(BPF_MAP_GET_FD_BY_ID, id.get(ValueLayout.JAVA_INT, 0));
        }
    }

    private static int inform(int program, MemorySegment info, Arena arena) {
        MemorySegment get = arena.allocate(ATTRIBUTES, Long.BYTES);
        get.set(ValueLayout.JAVA_INT, 0, program);
        get.set(ValueLayout.JAVA_INT, 4, PROGRAM_INFO);
        get.set(ValueLayout.ADDRESS, 8, info);
        return call(BPF_OBJ_GET_INFO_BY_FD, get);
    }

    /** Sets a value of four bytes in a map whose keys have four. */
    static int update(int map, int key, int value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment update = arena.allocate(ATTRIBUTES, Long.BYTES);
            update.set(ValueLayout.JAVA_INT, 0, map);
            update.set(ValueLayout.ADDRESS, 8, arena.allocateFrom(ValueLayout.JAVA_INT, key));
            update.set(ValueLayout.ADDRESS, 16, arena.allocateFrom(ValueLayout.JAVA_INT, value));
            return call(BPF_MAP_UPDATE_ELEM, update);
        }
    }

    private static int call(int command, MemorySegment attributes) {
        MemorySegment errno = Libc.newErrno();
        try {
            long result = (long) SYSCALL.invokeExact(errno, SystemCall.BPF.number, command, attributes, (int) attributes.byteSize());
            return result < 0 ? -Libc.errno(errno) : (int) result;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }
}
