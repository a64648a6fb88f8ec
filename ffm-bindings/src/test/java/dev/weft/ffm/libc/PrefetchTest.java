package dev.weft.ffm.libc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

class PrefetchTest {

    private static final int LINES = Prefetch.CAPACITY;

    private final Prefetch lines = new Prefetch();
    private final MemorySegment memory = AnonymousMemory.allocate((long) LINES * AnonymousMemory.LINE);

    @Test
    void shouldBringAnyNumberOfLinesAndChangeNothing() {
        for (long offset = 0; offset < memory.byteSize(); offset++) {
            memory.set(ValueLayout.JAVA_BYTE, offset, (byte) offset);
        }
        for (int number = 0; number < LINES; number++) {
            lines.line(number, NativeMemory.begin(memory) + (long) number * AnonymousMemory.LINE + number);
        }
        for (int count = 0; count <= LINES; count++) {
            lines.bring(count, memory);
        }
        for (long offset = 0; offset < memory.byteSize(); offset++) {
            assertEquals((byte) offset, memory.get(ValueLayout.JAVA_BYTE, offset));
        }
    }

    /** They are a hint to the processor, which asks for nothing that is not there. */
    @Test
    @EnabledIfSystemProperty(named = "os.arch", matches = "amd64")
    void shouldHaveInstructionsThatFaultAtNoAddress() {
        assertEquals(8, Prefetch.atATime());
        long[] nowhere = {0, 1, -1, 1L << 62, Long.MIN_VALUE, NativeMemory.begin(memory) + (1L << 40)};
        for (int number = 0; number < nowhere.length; number++) {
            lines.line(number, nowhere[number]);
        }
        lines.bring(nowhere.length, memory);
    }
}
