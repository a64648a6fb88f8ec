package dev.weft.dpdk.port;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OutgoingMessagesTest {

    private final MemorySegment here = Arena.ofAuto().allocate(16);
    private final MemorySegment there = Arena.ofAuto().allocate(28);
    private final OutgoingMessages messages = new OutgoingMessages();

    /** How many datagrams each message has when these lengths are sent to one peer. */
    private List<Integer> joined(int... lengths) {
        messages.begin();
        for (int length : lengths) {
            messages.add(4096, length, here);
        }
        return shares();
    }

    private List<Integer> shares() {
        return IntStream.rangeClosed(1, messages.messages()).map(n -> messages.datagrams(n) - messages.datagrams(n - 1)).boxed().toList();
    }

    @Test
    void shouldJoinEqualLengthsAndAShorterLastOne() {
        assertEquals(List.of(1), joined(1400));
        assertEquals(List.of(4), joined(1400, 1400, 1400, 20));
        assertEquals(List.of(2, 2, 1), joined(1400, 20, 1400, 20, 30));
        assertEquals(List.of(1, 1), joined(20, 1400));
    }

    @Test
    void shouldStayWithinWhatOneMessageMayHave() {
        assertEquals(List.of(46, 18), joined(IntStream.generate(() -> 1400).limit(64).toArray()), "65487 bytes");
        assertEquals(List.of(64), joined(IntStream.generate(() -> 60).limit(64).toArray()));
    }

    @Test
    void shouldKeepPeersApart() {
        messages.begin();
        messages.add(4096, 60, here);
        messages.add(4096, 60, here);
        messages.add(4096, 60, there);
        messages.add(4096, 60, here);
        assertEquals(List.of(2, 1, 1), shares());
        assertEquals(28, messages.headers().get(ValueLayout.JAVA_INT, 64 + 8), "length of the second one's address");
    }

    @Test
    void shouldSayTheLengthToCutAtInAControlMessage() {
        joined(1400, 1400, 7);
        MemorySegment header = messages.headers();
        assertEquals(3, header.get(ValueLayout.JAVA_LONG, 24), "iovecs");
        assertEquals(24, header.get(ValueLayout.JAVA_LONG, 40), "controllen: CMSG_SPACE(2)");
        MemorySegment control = MemorySegment.ofAddress(header.get(ValueLayout.JAVA_LONG, 32)).reinterpret(24);
        assertEquals(18, control.get(ValueLayout.JAVA_LONG, 0), "CMSG_LEN(2)");
        assertEquals(17, control.get(ValueLayout.JAVA_INT, 8), "SOL_UDP");
        assertEquals(103, control.get(ValueLayout.JAVA_INT, 12), "UDP_SEGMENT");
        assertEquals(1400, control.get(ValueLayout.JAVA_SHORT, 16));
        joined(1400);
        assertEquals(0, header.get(ValueLayout.JAVA_LONG, 40), "an earlier message's control is gone");
    }

    @Test
    void shouldJoinNothingAfterTheKernelRefused() {
        messages.joinNoMore();
        assertEquals(List.of(1, 1, 1), joined(1400, 1400, 1400));
    }
}
