package dev.weft.dpdk.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weft.dpdk.port.ArenaPool;
import dev.weft.dpdk.table.Tables;
import dev.weft.ffm.dpdk.Mbuf;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

class BurstTest {

    private final MemorySegment one = new ArenaPool(1, 256).memory();
    private final Burst burst = new Burst();

    @Test
    void shouldHaveTheMemoryOfThePoolThatItWasBegunWith() {
        MemorySegment other = new ArenaPool(2, 256).memory();
        for (MemorySegment memory : new MemorySegment[] {one, Mbuf.memory(), other, Mbuf.memory(), one}) {
            burst.begin(Tables.EMPTY, memory, 0);
            assertEquals(memory, burst.memory());
        }
    }

    @Test
    void shouldSendThoseOfSeveralSlotsAndNoOther() {
        burst.begin(Tables.EMPTY, one, 0);
        for (int i = 0; i < Burst.CAPACITY; i++) {
            burst.add(i, i, 0);
        }
        burst.send(3, 5);
        burst.sendAll(1L << 0 | 1L << 62 | 1L << 63, 7);
        assertEquals(1L << 0 | 1L << 3 | 1L << 62 | 1L << 63, burst.sends());
        assertEquals(~burst.sends(), burst.open());
        assertEquals(List.of(7, 5, 7, 7), List.of(burst.outPort[0], burst.outPort[3], burst.outPort[62], burst.outPort[63]));
    }

    @Test
    void shouldCheckOffsetsInMemoryThatIsNotOfMbufs() {
        burst.begin(Tables.EMPTY, Mbuf.memory(), 0);
        burst.begin(Tables.EMPTY, one, 0);
        assertThrows(IndexOutOfBoundsException.class, () -> burst.memory().get(ValueLayout.JAVA_BYTE, one.byteSize()));
    }
}
