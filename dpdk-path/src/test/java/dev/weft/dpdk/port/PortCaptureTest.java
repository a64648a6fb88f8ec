package dev.weft.dpdk.port;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PortCaptureTest {

    private static final int LONGEST = 16;
    private static final int ROOM = 4096;

    private final List<PortCapture> ended = new ArrayList<>();
    private final PortCapture capture = new PortCapture(LONGEST, ended::add);

    private void add(byte value, int length) {
        byte[] memory = new byte[100];
        memory[7] = value;
        memory[7 + length - 1] = value;
        capture.add(MemorySegment.ofArray(memory), 7, length);
    }

    private List<String> seen() {
        List<String> seen = new ArrayList<>();
        int count = capture.poll(packet -> seen.add(packet.get(ValueLayout.JAVA_BYTE, 0) + " "
                + packet.get(ValueLayout.JAVA_BYTE, packet.byteSize() - 1) + " of " + packet.byteSize()), Duration.ZERO);
        assertEquals(seen.size(), count);
        return seen;
    }

    @Test
    void shouldHandOverWhatWentByInOrderAndOnce() {
        add((byte) 1, 1);
        add((byte) 2, LONGEST);
        assertEquals(List.of("1 1 of 1", "2 2 of 16"), seen());
        assertEquals(List.of(), seen());
        assertEquals(0, capture.missed());
    }

    @Test
    void shouldCountWhatIsTooLong() {
        add((byte) 1, LONGEST + 1);
        assertEquals(List.of(), seen());
        assertEquals(1, capture.missed());
    }

    @Test
    void shouldNotWaitForItsReaderAndGoOnWhenThatIsBack() {
        for (int i = 0; i < ROOM + 3; i++) {
            add((byte) 1, 2);
        }
        assertEquals(3, capture.missed());
        assertEquals(ROOM, seen().size());
        add((byte) 9, 3);
        assertEquals(List.of("9 9 of 3"), seen());
    }

    @Test
    void shouldSayWhenItEnds() {
        capture.close();
        assertEquals(List.of(capture), ended);
    }
}
