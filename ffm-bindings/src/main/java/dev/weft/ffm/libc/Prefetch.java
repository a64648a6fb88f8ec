package dev.weft.ffm.libc;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Brings lines of native memory nearer before they are read. Java has no prefetch instruction, and a read holds up what comes behind it once the
 * processor has no room for more instructions; so the instruction comes from a few bytes of machine code, called as any native function. Where
 * there are none for this processor, or the kernel has no page of ours run (SELinux's execmem), or native access is denied, the lines are read
 * instead, in a loop of nothing else. A hint and no more: nothing that a program sees depends on it. One thread's.
 */
public final class Prefetch {

    /** Lines at a time, at most. */
    public static final int CAPACITY = 64;
    /** A processor drops a prefetch that it has no place for: some twenty are under way at a time, and two or three groups are ours. */
    private static final int INSTRUCTIONS_AT_A_TIME = 8;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    /** (addresses, how many, at least one), or null. */
    private static final MethodHandle INSTRUCTIONS = instructions();

    private final MemorySegment own = AnonymousMemory.allocate(CAPACITY * Long.BYTES);
    /** Where the addresses of the lines stand. */
    private final long base = NativeMemory.begin(own);
    @SuppressWarnings("unused") // keeps the compiler from leaving out the reads
    private long read;

    /** With no lines yet. */
    public Prefetch() {
    }

    private static MethodHandle instructions() {
        try {
            MemorySegment code = MachineCode.prefetch();
            return code == null ? null
                    : Linker.nativeLinker().downcallHandle(code, FunctionDescriptor.ofVoid(Libc.LONG, Libc.INT), Linker.Option.critical(false));
        } catch (IllegalCallerException | LinkageError _) {
            return null; // Native access is denied to this module (--illegal-native-access=deny).
        }
    }

    /** Lines that are best brought nearer at a time: few by instructions, which are dropped else, and as many as there are by reads, which wait. */
    public static int atATime() {
        return INSTRUCTIONS == null ? CAPACITY : INSTRUCTIONS_AT_A_TIME;
    }

    /** @param number of the line, from 0 on @param address of a byte of it, as {@link NativeMemory#begin} counts */
    public void line(int number, long address) {
        NativeMemory.around(own).set(LONG, at(number), address);
    }

    /** Brings lines nearer. @param lines how many of them, from the first one on @param memory that they are of */
    public void bring(int lines, MemorySegment memory) {
        if (INSTRUCTIONS == null) {
            read(lines, NativeMemory.around(memory));
        } else if (lines > 0) {
            try {
                INSTRUCTIONS.invokeExact(base, lines);
            } catch (Throwable thrown) {
                throw Libc.unexpected(thrown);
            }
        }
    }

    private void read(int lines, MemorySegment memory) {
        MemorySegment addresses = NativeMemory.around(own);
        long sum = 0;
        for (int number = 0; number < lines; number++) {
            sum += memory.get(ValueLayout.JAVA_BYTE, NativeMemory.address(addresses.get(LONG, at(number))));
        }
        read = sum;
    }

    private long at(int number) {
        return NativeMemory.address(base + (long) number * Long.BYTES);
    }
}
