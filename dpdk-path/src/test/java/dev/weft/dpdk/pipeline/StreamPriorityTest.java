package dev.weft.dpdk.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weft.api.wire.IpProtocol;
import dev.weft.dpdk.port.ArenaPool;
import dev.weft.dpdk.table.Tables;
import dev.weft.ffm.libc.ThreadPriority;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** Each test on a thread of its own, whose nice value nobody else has. */
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

    /** A burst of so many packets, as it is when the pipeline has done with it. */
    private void carry(int protocol, int packets) {
        burst.begin(Tables.EMPTY, new ArenaPool(1, LENGTH).memory(), 1);
        for (int i = 0; i < packets; i++) {
            burst.add(0, 0, LENGTH);
        }
        Arrays.fill(burst.protocol, protocol);
        priority.process(burst);
    }

    private void tick() {
        priority.tick(Tables.EMPTY, 0);
    }

    private static void assumePrivilege() {
        ThreadPriority mine = new ThreadPriority();
        int before = mine.nice();
        assumeTrue(mine.nice(StreamPriority.NICE) == 0, "no CAP_SYS_NICE");
        mine.nice(before);
    }

    @Test
    void shouldGoBeforeOthersWhileTcpComesInBulk() throws Exception {
        onItsOwnThread(() -> {
            assumePrivilege();
            int before = own.nice();
            carry(IpProtocol.TCP, SUPER_FRAME);
            assertEquals(StreamPriority.NICE, own.nice());
            tick();
            carry(IpProtocol.TCP, SUPER_FRAME);
            tick();
            tick();
            assertEquals(StreamPriority.NICE, own.nice(), "it goes on");
            tick();
            assertEquals(before, own.nice(), "it has ended");
            carry(IpProtocol.TCP, SUPER_FRAME);
            assertEquals(StreamPriority.NICE, own.nice(), "it begins anew");
            return null;
        });
    }

    @Test
    void shouldNotGoBeforeWhoTakesAFlood() throws Exception {
        onItsOwnThread(() -> {
            int before = own.nice();
            carry(IpProtocol.UDP, Burst.CAPACITY);
            assertEquals(before, own.nice());
            return null;
        });
    }

    @Test
    void shouldNotGoBeforeOthersForFewPackets() throws Exception {
        onItsOwnThread(() -> {
            int before = own.nice();
            carry(IpProtocol.TCP, 4);
            carry(IpProtocol.TCP, 0);
            assertEquals(before, own.nice());
            return null;
        });
    }

    @Test
    void shouldGoBackToWhereItWas() throws Exception {
        onItsOwnThread(() -> {
            assumePrivilege();
            own.nice(3);
            carry(IpProtocol.TCP, SUPER_FRAME);
            assertEquals(StreamPriority.NICE, own.nice());
            tick();
            tick();
            tick();
            assertEquals(3, own.nice());
            return null;
        });
    }

    @Test
    void shouldLeaveWhatSomebodyHasPutFurtherBeforeOthers() throws Exception {
        onItsOwnThread(() -> {
            assumePrivilege();
            own.nice(-15);
            carry(IpProtocol.TCP, SUPER_FRAME);
            assertEquals(-15, own.nice());
            tick();
            tick();
            tick();
            assertEquals(-15, own.nice());
            return null;
        });
    }
}
