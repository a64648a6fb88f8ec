package dev.weft.ffm.libc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class AnonymousMemoryTest {

    private static final long HUGE_PAGE = 2 << 20;
    private static final long LARGE = 512L << 20;

    @Test
    void shouldBeginAtALineOrAHugePageWithZeroes() {
        MemorySegment small = AnonymousMemory.allocate(100);
        assertEquals(100, small.byteSize());
        assertEquals(0, small.address() % AnonymousMemory.LINE);
        assertEquals(0, small.get(ValueLayout.JAVA_BYTE, 99));
        MemorySegment large = AnonymousMemory.allocate(HUGE_PAGE + 8);
        assertEquals(HUGE_PAGE + 8, large.byteSize());
        assertEquals(0, large.address() % HUGE_PAGE);
        assertEquals(0, large.get(ValueLayout.JAVA_LONG, HUGE_PAGE));
        large.set(ValueLayout.JAVA_LONG, HUGE_PAGE, 7);
        assertEquals(7, large.get(ValueLayout.JAVA_LONG, HUGE_PAGE));
        assertThrows(IndexOutOfBoundsException.class, () -> large.get(ValueLayout.JAVA_LONG, HUGE_PAGE + 8));
    }

    @Test
    void shouldTakeNoMemoryBeforeItIsUsed() throws IOException {
        long before = resident();
        MemorySegment memory = AnonymousMemory.allocate(LARGE);
        assertTrue(resident() - before < LARGE / 2, "from " + before + " to " + resident());
        assertEquals(0, memory.get(ValueLayout.JAVA_LONG, LARGE - Long.BYTES));
    }

    /** Bytes. */
    private static long resident() throws IOException {
        String line = Files.readAllLines(Path.of("/proc/self/status")).stream().filter(each -> each.startsWith("VmRSS:")).findAny().orElseThrow();
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
    }

    @Test
    void shouldSayWhatItHasNoRoomFor() {
        OutOfMemoryError error = assertThrows(OutOfMemoryError.class, () -> AnonymousMemory.allocate(1L << 60));
        assertTrue(error.getMessage().contains("mmap"), error.getMessage());
    }
}
