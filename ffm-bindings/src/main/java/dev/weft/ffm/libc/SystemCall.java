package dev.weft.ffm.libc;

/** System calls that libc has no function for, by their number, which goes by the processor (asm/unistd.h; asm-generic/unistd.h). */
enum SystemCall {

    BPF(321, 280),
    MEMBARRIER(324, 283);

    /** For syscall(2). On a processor that is not known here it is one that no kernel has: ENOSYS. */
    final long number;

    SystemCall(int amd64, int aarch64) {
        number = switch (System.getProperty("os.arch")) {
            case "amd64" -> amd64;
            case "aarch64" -> aarch64;
            default -> -1;
        };
    }
}
