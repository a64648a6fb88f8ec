package dev.weft.dpdk.pipeline;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;

/** Of the calling thread alone (capset(2)); what is not effective stays permitted, so that it may come back. */
final class Capability {

    /** _LINUX_CAPABILITY_VERSION_3. */
    private static final int VERSION = 0x20080522;
    /** Effective, permitted and inheritable, of 32 capabilities each time. */
    private static final int SETS = 2 * 3;
    private static final int CAP_SYS_NICE = 1 << 23;

    private Capability() {
    }

    /** Whether CAP_SYS_NICE is effective from now on. */
    static void sysNice(boolean effective) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment self = arena.allocateFrom(JAVA_INT, VERSION, 0);
            MemorySegment sets = arena.allocate(JAVA_INT, SETS);
            call("capget", self, sets);
            int others = sets.get(JAVA_INT, 0) & ~CAP_SYS_NICE;
            sets.set(JAVA_INT, 0, effective ? others | CAP_SYS_NICE : others);
            call("capset", self, sets);
        }
    }

    private static void call(String function, MemorySegment self, MemorySegment sets) {
        Linker linker = Linker.nativeLinker();
        try {
            assertEquals(0, (int) linker.downcallHandle(linker.defaultLookup().findOrThrow(function),
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS)).invokeExact(self, sets), function);
        } catch (Throwable e) {
            throw new AssertionError(function, e);
        }
    }
}
