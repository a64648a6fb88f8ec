package dev.weft.ffm.dpdk;

import dev.weft.api.WeftException;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Where DPDK releases put what the static inline calls would have read, compiled from each release's own headers (x86-64). The
 * number is the major one of the ABI, as in {@code librte_eal.so.23}. What all releases agree on is in {@link MbufLayout}.
 */
public enum DpdkAbi {
    /** 22.11 LTS. */
    V23(23, "22.11", new FpOps(0, 24, 64, 88), 64, 2272, 44),
    /** 23.11 LTS. */
    V24(24, "23.11", new FpOps(16, 0, 80, 64), 8, 2280, 48),
    /** 24.11 LTS. */
    V25(25, "24.11", new FpOps(16, 0, 80, 64), 8, 2280, 48),
    /** 25.11 LTS. */
    V26(26, "25.11", new FpOps(16, 0, 80, 64), 8, 2280, 48);

    /** Offsets in struct rte_eth_fp_ops, of which there is one of 128 bytes for each port. */
    public record FpOps(int rxPktBurst, int rxq, int txPktBurst, int txq) {
        public static final int SIZE = 128;
    }

    private final int number;
    private final String release;
    private final FpOps fpOps;
    private final int mbufNext;
    private final int ethConfSize;
    private final int maxQueues;

    DpdkAbi(int number, String release, FpOps fpOps, int mbufNext, int ethConfSize, int maxQueues) {
        this.number = number;
        this.release = release;
        this.fpOps = fpOps;
        this.mbufNext = mbufNext;
        this.ethConfSize = ethConfSize;
        this.maxQueues = maxQueues;
    }

    /**
     * @param number the major ABI number
     * @throws WeftException.DataPathUnavailable if its layouts are not known: guessing would write over foreign memory
     */
    public static DpdkAbi of(int number) {
        return Arrays.stream(values()).filter(abi -> abi.number == number).findFirst().orElseThrow(() ->
                new WeftException.DataPathUnavailable("DPDK with ABI " + number + " is installed, whose layouts Weft does not know; it knows "
                        + known() + ": install one of them, or a newer Weft"));
    }

    static String known() {
        return Arrays.stream(values()).map(abi -> abi.release + " (ABI " + abi.number + ")").collect(Collectors.joining(", "));
    }

    public int number() {
        return number;
    }

    /** The LTS release, {@code 22.11} say. */
    public String release() {
        return release;
    }

    public FpOps fpOps() {
        return fpOps;
    }

    /** Offset of the next segment's pointer in struct rte_mbuf. */
    public int mbufNext() {
        return mbufNext;
    }

    /** Of struct rte_eth_conf, in bytes; all zero is a usable configuration. */
    public int ethConfSize() {
        return ethConfSize;
    }

    /** Offset of max_rx_queues in struct rte_eth_dev_info; max_tx_queues comes behind it. */
    public int maxQueues() {
        return maxQueues;
    }
}
