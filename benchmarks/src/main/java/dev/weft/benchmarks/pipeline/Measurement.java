package dev.weft.benchmarks.pipeline;

import com.sun.management.ThreadMXBean;
import dev.weft.api.counter.DropReason;
import dev.weft.benchmarks.MacForward;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.FusedPipeline;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.port.PacketPool;
import dev.weft.dpdk.port.Port;
import dev.weft.dpdk.port.Ports;
import dev.weft.dpdk.stage.Fdb;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One case: bursts from the client's ring through the near node into the wire's ring, from there through the far node into net_null. */
final class Measurement {

    /** The JIT compiler is taken to be done when it has not worked for so many of these in a row. */
    private static final long WARM_UP = TimeUnit.MILLISECONDS.toNanos(250);
    private static final int QUIET_WARM_UPS = 3;
    private static final int MOST_WARM_UPS = 60;
    /** Parts of a measurement, and of one with a look at the clock after each stage: as the twin has them. */
    private static final int TURNS = 8;
    private static final int STAGED_TURNS = 2;
    private static final int EVICTED = 16 << 20;

    /** Takes a figure. */
    interface Result {
        void figure(String name, double value);
    }

    private final PipelineCase wanted;
    private final BenchNode near;
    private final BenchNode far;
    private final PacketPool pool;
    private final PacketSource source;
    private final Port wire;
    private final Port sink;
    private final FusedPipeline out;
    private final FusedPipeline in;
    private final FusedPipeline encapsulating;
    private final StageClock outStages;
    private final StageClock inStages;
    private final Burst burst = new Burst();
    private final long[] buffers = new long[Burst.CAPACITY];
    private final int[] slots = new int[Burst.CAPACITY];
    private final byte[] evicted;
    private final BurstTimes outTimes = new BurstTimes();
    private final BurstTimes inTimes = new BurstTimes();
    private long packets;

    Measurement(PipelineCase wanted, BenchNode near, BenchNode far, PacketPool pool, Port endpoint, Port wire, Port sink) {
        this.wanted = wanted;
        this.near = near;
        this.far = far;
        this.pool = pool;
        this.wire = wire;
        this.sink = sink;
        source = new PacketSource(wanted, pool, endpoint);
        List<Stage> outbound = near.outbound();
        List<Stage> inbound = far.inbound();
        out = new FusedPipeline(List.of(), outbound, near.transmit());
        in = new FusedPipeline(inbound, List.of(), far.transmit());
        encapsulating = new FusedPipeline(List.of(), List.of(Measurement::inTheNetwork, Fdb.outbound(), near.nextHop(), near.encapsulation()),
                near.transmit());
        outStages = new StageClock("out ", outbound, near.transmit());
        inStages = new StageClock("in ", inbound, far.transmit());
        evicted = new byte[wanted.cold() ? EVICTED : 0];
        Arrays.setAll(slots, i -> i);
    }

    /** In place of the parsing. */
    private static void inTheNetwork(Burst burst) {
        for (int i = 0; i < burst.count; i++) {
            burst.network[i] = 0;
        }
    }

    /** Until the compiler is done. Establishes the flows, too. */
    void warmUp() {
        for (int flow = 0; wanted.work().isWalk() && flow < wanted.flows(); flow += Burst.CAPACITY) {
            source.sendInTurn();
            walk();
        }
        CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
        int quiet = 0;
        for (int i = 0; i < MOST_WARM_UPS && quiet < QUIET_WARM_UPS; i++) {
            long before = compiler.getTotalCompilationTime();
            run(WARM_UP);
            if (wanted.work().isWalk()) {
                runStaged(WARM_UP / 4);
            }
            quiet = compiler.getTotalCompilationTime() == before ? quiet + 1 : 0;
        }
        List.of(outTimes, inTimes).forEach(BurstTimes::reset);
        List.of(outStages, inStages).forEach(StageClock::reset);
    }

    /** @param turn waits until it is this side's turn: Java and C take turns, so that both meet the machine as fast as it is at that time */
    void measure(long nanos, Runnable turn, Result result) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = 0;
        packets = 0;
        for (int i = 0; i < TURNS; i++) {
            turn.run();
            allocated -= threads.getCurrentThreadAllocatedBytes();
            run(nanos / TURNS);
            allocated += threads.getCurrentThreadAllocatedBytes();
        }
        double bytes = (double) allocated / packets;
        result.figure(wanted.work().isWalk() ? "outbound" : "walk", outTimes.median());
        if (wanted.work().isWalk()) {
            result.figure("inbound", inTimes.median());
            measureStages(nanos / TURNS, turn, result);
        }
        result.figure("allocated", bytes);
        requireNoDrops();
    }

    private void measureStages(long nanos, Runnable turn, Result result) {
        for (int i = 0; i < STAGED_TURNS; i++) {
            turn.run();
            runStaged(nanos);
        }
        outStages.report(result);
        inStages.report(result);
    }

    /** All packets arrive but those of a flow in a million, which finds its part of the flow table full. */
    private void requireNoDrops() {
        Stream.of(near, far).flatMap(node -> node.counters().stream())
                .filter(counter -> counter.name().startsWith("drop:") && !counter.name().endsWith(DropReason.FLOW_TABLE_FULL.label()))
                .findAny().ifPresent(drop -> {
                    throw new IllegalStateException(wanted + ": " + drop);
                });
    }

    private void run(long nanos) {
        for (long begin = System.nanoTime(); System.nanoTime() - begin < nanos;) {
            switch (wanted.work()) {
                case FORWARD -> forward();
                case ENCAPSULATE -> {
                    source.send();
                    encapsulate();
                }
                default -> {
                    source.send();
                    walk();
                }
            }
        }
    }

    private void runStaged(long nanos) {
        for (long begin = System.nanoTime(); System.nanoTime() - begin < nanos;) {
            staged();
        }
    }

    private void walk() {
        evict();
        long begin = System.nanoTime();
        near.receive(burst, BenchNode.MEMBER);
        out.process(burst);
        long sent = System.nanoTime();
        evict();
        long again = System.nanoTime();
        far.receive(burst, Ports.UPLINK);
        in.process(burst);
        inTimes.took(System.nanoTime() - again);
        outTimes.took(sent - begin);
        packets += burst.count;
    }

    private void staged() {
        source.send();
        evict();
        outStages.begin();
        near.receive(burst, BenchNode.MEMBER);
        outStages.process(burst);
        evict();
        inStages.begin();
        far.receive(burst, Ports.UPLINK);
        inStages.process(burst);
    }

    private void encapsulate() {
        evict();
        long begin = System.nanoTime();
        near.receive(burst, BenchNode.MEMBER);
        encapsulating.process(burst);
        outTimes.took(System.nanoTime() - begin);
        packets += burst.count;
        burst.begin(null, pool.memory(), Ports.UPLINK);
        wire.receive(burst);
        System.arraycopy(burst.buffer, 0, buffers, 0, burst.count);
        pool.free(buffers, burst.count);
    }

    private void forward() {
        long begin = System.nanoTime();
        near.receiveFrom(sink, burst);
        MacForward.exchange(burst);
        int taken = sink.transmit(burst, slots, burst.count);
        outTimes.took(System.nanoTime() - begin);
        packets += taken;
        if (taken < burst.count) {
            throw new IllegalStateException("net_null takes everything, and took " + taken + " of " + burst.count);
        }
    }

    private void evict() {
        for (int i = 0; i < evicted.length; i += 64) {
            evicted[i]++;
        }
    }
}
