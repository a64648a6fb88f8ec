package dev.weft.dpdk.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.IpProtocol;
import dev.weft.dpdk.port.ArenaPool;
import dev.weft.dpdk.table.Tables;
import dev.weft.ffm.libc.ThreadPriority;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Each test on a thread of its own, whose nice value nobody else has; they need CAP_SYS_NICE. */
@Tag("privileged")
class StreamPriorityTest {

    private static final int LENGTH = 1400;
    private static final int SUPER_FRAME = 44;

    private final ThreadPriority own = new ThreadPriority();
    private final StreamPriority priority = new StreamPriority();
    private final Burst burst = new Burst();

    private static void onItsOwnThread(Callable<Void> test) throws Exception {
        try (var thread = Executors.newSingleThreadExecutor()) {
            thread.submit(test).get();
        }
    }

    private void begin(int packets) {
        burst.begin(Tables.EMPTY, new ArenaPool(1, LENGTH).memory(), 1);
        for (int i = 0; i < packets; i++) {
            burst.add(0, 0, LENGTH);
        }
    }

    /** A burst of so many packets, as it is when the pipeline has done with it. */
    private void carry(int protocol, int packets) {
        begin(packets);
        Arrays.fill(burst.protocol, protocol);
        for (int i = 0; i < packets; i++) {
            burst.send(i, 0);
        }
        priority.process(burst);
    }

    private void warmUp() {
        for (int i = 0; i < StreamPriority.WARM_UP_TICKS; i++) {
            carry(IpProtocol.TCP, SUPER_FRAME);
            tick();
        }
    }

    private void tick() {
        priority.tick(Tables.EMPTY, 0);
    }

    private void end() {
        tick();
        tick();
        tick();
    }

    /** As they are when a JVM has just begun to carry something, and compiles it. */
    @Test
    void shouldLeaveOthersTheirTurnWhileItWarmsUp() throws Exception {
        onItsOwnThread(() -> {
            for (int i = 0; i < StreamPriority.WARM_UP_TICKS; i++) {
                carry(IpProtocol.TCP, SUPER_FRAME);
                assertEquals(0, own.nice());
                tick();
                carry(IpProtocol.UDP, SUPER_FRAME);
                tick(); // without a stream: not counted
            }
            carry(IpProtocol.TCP, SUPER_FRAME);
            assertEquals(StreamPriority.NICE, own.nice());
            return null;
        });
    }

    @Test
    void shouldGoBeforeOthersWhileTcpComesInBulk() throws Exception {
        onItsOwnThread(() -> {
            warmUp();
            carry(IpProtocol.TCP, SUPER_FRAME);
            assertEquals(StreamPriority.NICE, own.nice());
            tick();
            carry(IpProtocol.TCP, SUPER_FRAME);
            tick();
            tick();
            assertEquals(StreamPriority.NICE, own.nice(), "it goes on");
            tick();
            assertEquals(0, own.nice(), "it has ended");
            carry(IpProtocol.TCP, SUPER_FRAME);
            assertEquals(StreamPriority.NICE, own.nice(), "it begins anew");
            return null;
        });
    }

    @Test
    void shouldNotGoBeforeWhoTakesAFlood() throws Exception {
        onItsOwnThread(() -> {
            warmUp();
            end();
            carry(IpProtocol.UDP, Burst.CAPACITY);
            assertEquals(0, own.nice());
            return null;
        });
    }

    @Test
    void shouldNotTakeAFloodForAStreamBecauseOfTcpInItsBursts() throws Exception {
        onItsOwnThread(() -> {
            warmUp();
            end();
            begin(Burst.CAPACITY);
            for (int i = 0; i < Burst.CAPACITY; i++) {
                burst.protocol[i] = i < 4 ? IpProtocol.TCP : IpProtocol.UDP;
                burst.send(i, 0);
            }
            priority.process(burst);
            assertEquals(0, own.nice());
            return null;
        });
    }

    @Test
    void shouldEndUnderAFloodOfPacketsThatAreDroppedBeforeTheyAreParsed() throws Exception {
        onItsOwnThread(() -> {
            warmUp();
            carry(IpProtocol.TCP, SUPER_FRAME);
            assertEquals(StreamPriority.NICE, own.nice());
            for (int i = 0; i < 3; i++) {
                begin(SUPER_FRAME);
                for (int slot = 0; slot < SUPER_FRAME; slot++) {
                    burst.drop(slot, DropReason.ICV_MISMATCH);
                }
                priority.process(burst);
                tick();
            }
            assertEquals(0, own.nice());
            return null;
        });
    }

    @Test
    void shouldNotGoBeforeOthersForFewPackets() throws Exception {
        onItsOwnThread(() -> {
            warmUp();
            end();
            carry(IpProtocol.TCP, 4);
            carry(IpProtocol.TCP, 0);
            assertEquals(0, own.nice());
            return null;
        });
    }

    @Test
    void shouldGoBackToWhereItWas() throws Exception {
        onItsOwnThread(() -> {
            warmUp();
            own.nice(3);
            carry(IpProtocol.TCP, SUPER_FRAME);
            assertEquals(StreamPriority.NICE, own.nice());
            end();
            assertEquals(3, own.nice());
            return null;
        });
    }

    @Test
    void shouldLeaveWhatSomebodyHasPutFurtherBeforeOthers() throws Exception {
        onItsOwnThread(() -> {
            warmUp();
            own.nice(-15);
            carry(IpProtocol.TCP, SUPER_FRAME);
            assertEquals(-15, own.nice());
            end();
            assertEquals(-15, own.nice());
            return null;
        });
    }

    @Test
    void shouldLeaveWhatSomebodyGivesItMeanwhile() throws Exception {
        onItsOwnThread(() -> {
            warmUp();
            carry(IpProtocol.TCP, SUPER_FRAME);
            own.nice(5);
            end();
            assertEquals(5, own.nice());
            return null;
        });
    }

    /** It is refused while the thread is without the capability, and does not ask again when it has it. */
    @Test
    void shouldAskOnceWhereItMayNot() throws Exception {
        onItsOwnThread(() -> {
            warmUp();
            Capability.sysNice(false);
            carry(IpProtocol.TCP, SUPER_FRAME);
            assertEquals(0, own.nice());
            Capability.sysNice(true);
            carry(IpProtocol.TCP, SUPER_FRAME);
            assertEquals(0, own.nice());
            return null;
        });
    }
}
