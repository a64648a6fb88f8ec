package dev.weft.ffm.libc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CoreFileTest {

    /** The kernel itself says so: "dd" among the VmFlags of proc_pid_smaps(5) is "do not include area into core dump". */
    @Test
    void shouldAllocateWhatTheKernelDumpsNot() throws IOException {
        MemorySegment memory = CoreFile.allocateOutside(5000);
        assertEquals(2 * CoreFile.PAGE, memory.byteSize());
        assertEquals(0, memory.address() % CoreFile.PAGE);
        memory.fill((byte) 1);
        String flags = "";
        boolean within = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                long start = Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16);
                long end = Long.parseUnsignedLong(line.substring(line.indexOf('-') + 1, line.indexOf(' ')), 16);
                within = Long.compareUnsigned(start, memory.address()) <= 0 && Long.compareUnsigned(memory.address() + memory.byteSize(), end) <= 0;
            } else if (within && line.startsWith("VmFlags:")) {
                flags = line;
            }
        }
        assertTrue(flags.contains(" dd"), flags);
    }
}
