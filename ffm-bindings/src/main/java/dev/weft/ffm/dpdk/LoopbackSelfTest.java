package dev.weft.ffm.dpdk;

import dev.weft.api.WeftException;
import java.lang.foreign.ValueLayout;

/**
 * Sends mbufs through a net_ring port, which gives back what it is given, before any real port is opened: a layout that is
 * wrong shows here and not on a wire.
 */
final class LoopbackSelfTest {

    private static final int BUFFERS = 127;
    private static final int COUNT = 32;
    private static final int LENGTH = 60;

    private LoopbackSelfTest() {
    }

    static void run(Eal eal) {
        try (Mempool pool = Mempool.create(eal, BUFFERS, 2048)) {
            long[] sent = new long[COUNT];
            long[] received = new long[COUNT];
            try (EthDev ring = EthDev.open(eal, "vdev", "net_ring_self", "", pool)) {
                EthBurst burst = ring.burst();
                int before = pool.available();
                require(pool.take(sent, COUNT), "the pool gave no buffers");
                for (long mbuf : sent) {
                    Mbuf.reset(mbuf, eal.abi());
                    Mbuf.length(mbuf, LENGTH);
                    require(Mbuf.dataRoom(mbuf) >= 2048 && Mbuf.pool(mbuf) == pool.address(), "an mbuf's fields are elsewhere");
                    Mbuf.memory().set(ValueLayout.JAVA_LONG_UNALIGNED, Mbuf.data(mbuf), mbuf);
                }
                require(burst.transmit(sent, COUNT) == COUNT, "net_ring took not all packets");
                require(burst.receive(received, 0, COUNT) == COUNT, "net_ring gave not all packets back");
                for (int i = 0; i < COUNT; i++) {
                    require(received[i] == sent[i] && Mbuf.dataLength(received[i]) == LENGTH
                            && Mbuf.memory().get(ValueLayout.JAVA_LONG_UNALIGNED, Mbuf.data(received[i])) == sent[i],
                            "packet " + i + " came back changed");
                }
                pool.give(received, 0, COUNT);
                require(pool.available() == before, "the pool has " + pool.available() + " buffers and had " + before);
            }
        }
    }

    private static void require(boolean right, String what) {
        if (!right) {
            throw new WeftException.DataPathUnavailable("the self-test of DPDK's layouts failed: " + what
                    + "; this build of DPDK is not the one that its ABI number says");
        }
    }
}
