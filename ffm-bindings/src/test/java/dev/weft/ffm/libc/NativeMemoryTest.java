package dev.weft.ffm.libc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class NativeMemoryTest {

    @Test
    void shouldShowTheMemoryOfASegmentWhereItBegins() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment own = arena.allocate(16);
            own.set(ValueLayout.JAVA_LONG, 8, 7);
            MemorySegment all = NativeMemory.around(own);
            assertEquals(7, all.get(ValueLayout.JAVA_LONG, NativeMemory.begin(own) + 8));
            all.set(ValueLayout.JAVA_LONG, NativeMemory.begin(own) + 8, 8);
            assertEquals(8, own.get(ValueLayout.JAVA_LONG, 8));
        }
    }
}
