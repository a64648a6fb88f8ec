package dev.weft.ffm.dpdk;

import dev.weft.ffm.libc.NativeMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * rte_eth_rx_burst and rte_eth_tx_burst of one queue each way: inline in C, so what they do is done here, by the port's entry in rte_eth_fp_ops.
 * One thread. Allocates nothing. RX/TX callbacks of DPDK are passed by.
 */
public final class EthBurst {

    /** Packets in one burst. */
    public static final int MOST = 64;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfLong PLACE = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final MethodHandle CALL = Linker.nativeLinker().downcallHandle(
            FunctionDescriptor.of(ValueLayout.JAVA_SHORT, LONG, LONG, ValueLayout.JAVA_SHORT));

    private final MemorySegment packets = Arena.ofAuto().allocate(LONG, MOST);
    private final long packetsAddress = packets.address();
    private final MemorySegment receive;
    private final MemorySegment transmit;
    private final long receiveQueue;
    private final long transmitQueue;

    EthBurst(Eal eal, int port, int queue) {
        DpdkAbi.FpOps layout = eal.abi().fpOps();
        MemorySegment operations = eal.libraries().symbol("rte_eth_fp_ops").reinterpret((port + 1L) * DpdkAbi.FpOps.SIZE)
                .asSlice((long) port * DpdkAbi.FpOps.SIZE);
        receive = operations.get(ValueLayout.ADDRESS, layout.rxPktBurst());
        transmit = operations.get(ValueLayout.ADDRESS, layout.txPktBurst());
        // struct rte_ethdev_qdata begins with the array of queue pointers.
        receiveQueue = entry(operations.get(ValueLayout.ADDRESS, layout.rxq()), queue);
        transmitQueue = entry(operations.get(ValueLayout.ADDRESS, layout.txq()), queue);
    }

    private static long entry(MemorySegment queues, int queue) {
        return queues.reinterpret((queue + 1L) * Long.BYTES).getAtIndex(LONG, queue);
    }

    /** Receives mbufs, at most {@code most}, into the places of {@link #packet(int)}, from 0 on. @return how many */
    public int receive(int most) {
        try {
            return (short) CALL.invokeExact(receive, receiveQueue, packetsAddress, (short) Math.min(most, MOST)) & 0xffff;
        } catch (Throwable e) {
            throw new AssertionError("a downcall threw", e);
        }
    }

    /** @return how many of the mbufs in the first {@code count} (at most {@link #MOST}) places the port took; the others stay the caller's */
    public int transmit(int count) {
        try {
            return (short) CALL.invokeExact(transmit, transmitQueue, packetsAddress, (short) count) & 0xffff;
        } catch (Throwable e) {
            throw new AssertionError("a downcall threw", e);
        }
    }

    /** The mbuf in a place, 0 to {@link #MOST} - 1, where the driver has it: who needs it in an array as well copies it while it is looked at. */
    public long packet(int place) {
        return Mbuf.memory().get(PLACE, NativeMemory.address(packetsAddress) + (long) place * Long.BYTES);
    }

    /** Puts an mbuf where {@link #transmit(int)} finds it. */
    public void packet(int place, long mbuf) {
        Mbuf.memory().set(PLACE, NativeMemory.address(packetsAddress) + (long) place * Long.BYTES, mbuf);
    }

    /** @return how many mbufs were received into {@code mbufs}, at most {@code most}, the first one at {@code from} */
    public int receive(long[] mbufs, int from, int most) {
        int received = receive(most);
        MemorySegment.copy(packets, LONG, 0, mbufs, from, received);
        return received;
    }

    /** @return how many of the first {@code count} (at most {@link #MOST}) mbufs the port took; the others stay the caller's */
    public int transmit(long[] mbufs, int count) {
        MemorySegment.copy(mbufs, 0, packets, LONG, 0, count);
        return transmit(count);
    }
}
