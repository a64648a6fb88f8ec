package dev.weft.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.testing.Packet;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class MacForwardTest {

    @Test
    void shouldExchangeTheMacsAndNothingElse() {
        MemorySegment memory = Packet.of("ee 02420a0001f3 82420a0001e2 0800 45");
        MacForward.exchange(memory, 1);
        assertEquals("ee" + "82420a0001e2" + "02420a0001f3" + "0800" + "45", Packet.hex(memory, 0, (int) memory.byteSize()));
    }
}
