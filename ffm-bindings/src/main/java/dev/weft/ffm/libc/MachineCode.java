package dev.weft.ffm.libc;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Instructions that the JIT compiler has no way to emit, in a page of their own that is run and read, and never written again. */
final class MachineCode {

    /** System V's calling convention: rdi has where the addresses stand, esi how many they are. */
    private static final byte[] PREFETCH_X86_64 = {
        (byte) 0xf3, 0x0f, 0x1e, (byte) 0xfa, // endbr64: may be called where the kernel watches indirect branches
        0x48, (byte) 0x8b, 0x07,              // next: mov rax, [rdi]
        0x0f, 0x18, 0x08,                     // prefetcht0 [rax]
        0x48, (byte) 0x83, (byte) 0xc7, 0x08, // add rdi, 8
        (byte) 0xff, (byte) 0xce,             // dec esi
        0x75, (byte) 0xf2,                    // jnz next
        (byte) 0xc3                           // ret
    };

    private static final int PAGE = 4096;
    private static final int PROT_READ_WRITE = 1 | 2;
    private static final int PROT_READ_EXEC = 1 | 4;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x2 | 0x20;
    private static final long MAP_FAILED = -1;

    private MachineCode() {
    }

    /** {@code void prefetch(const long *addresses, int count)}, count at least 1; or null where it cannot be had. */
    static MemorySegment prefetch() {
        boolean known = "amd64".equals(System.getProperty("os.arch")) && "Linux".equals(System.getProperty("os.name"));
        return known ? load(PREFETCH_X86_64) : null;
    }

    /** Lives as long as the process. */
    private static MemorySegment load(byte[] instructions) {
        MethodHandle mmap = Libc.function("mmap", FunctionDescriptor.of(Libc.LONG, Libc.LONG, Libc.LONG, Libc.INT, Libc.INT, Libc.INT, Libc.LONG));
        MethodHandle mprotect = Libc.function("mprotect", FunctionDescriptor.of(Libc.INT, Libc.LONG, Libc.LONG, Libc.INT));
        MemorySegment errno = Libc.newErrno();
        try {
            long address = (long) mmap.invokeExact(errno, 0L, (long) PAGE, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0L);
            if (address == MAP_FAILED) {
                return null;
            }
            MemorySegment page = MemorySegment.ofAddress(address).reinterpret(PAGE);
            MemorySegment.copy(instructions, 0, page, ValueLayout.JAVA_BYTE, 0, instructions.length);
            return (int) mprotect.invokeExact(errno, address, (long) PAGE, PROT_READ_EXEC) == 0 ? page : null;
        } catch (IllegalCallerException e) {
            throw e;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }
}
