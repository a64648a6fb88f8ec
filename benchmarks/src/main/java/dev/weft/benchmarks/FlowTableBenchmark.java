package dev.weft.benchmarks;

import dev.weft.dpdk.service.FlowKeys;
import dev.weft.dpdk.service.FlowLookup;
import dev.weft.dpdk.service.FlowTable;
import dev.weft.dpdk.table.LiveFlows;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Nanoseconds for a flow to a VIP, from either side, among so many flows, each as likely as any other. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = {"-XX:+UseSerialGC", "-Xmx1g", "--enable-native-access=ALL-UNNAMED"})
public class FlowTableBenchmark {

    static final int ASKED = 1 << 16;
    private static final int BURST = 64;
    private static final int CAPACITY = 1 << 21;
    private static final int ESTABLISHED = 3;
    private static final int CLIENTS = 1 << 10;
    private static final long FIRST_CLIENT = 0xffff_0a00_0002L;
    private static final long VIP = 0xffff_0a00_00c8L;
    private static final long BACKEND = 0xffff_0a00_00c9L;
    private static final int NOW = 1;

    @Param({"1000", "100000", "1000000"})
    private int flows;

    private final long[] tuples = new long[ASKED];
    private final long[] clients = new long[ASKED];
    private final FlowKeys keys = FlowKeys.ofVips(BURST);
    private final SplittableRandom random = new SplittableRandom(16);
    private FlowTable table;
    private FlowLookup lookup;

    /** Filled, and without JMH. */
    static FlowTableBenchmark of(int flows) {
        FlowTableBenchmark made = new FlowTableBenchmark();
        made.flows = flows;
        made.fill();
        return made;
    }

    @Setup
    public void fill() {
        table = new FlowTable(CAPACITY);
        lookup = table.lookup(keys);
        LiveFlows live = new LiveFlows();
        for (int flow = 0; flow < flows; flow++) {
            keys.write(0, tuple(flow), 0, client(flow), 0, VIP);
            if (table.put(keys, 0, 0, BACKEND, ESTABLISHED, live, NOW) == FlowTable.NONE) {
                throw new IllegalStateException("no place for flow " + flow);
            }
        }
        choose();
    }

    /** Which flows are asked for next. */
    void choose() {
        for (int i = 0; i < ASKED; i++) {
            int flow = random.nextInt(flows);
            tuples[i] = tuple(flow);
            clients[i] = client(flow);
        }
    }

    private static long tuple(int flow) {
        return FlowTable.tuple(77, 6, 1024 + flow / CLIENTS, 80);
    }

    private static long client(int flow) {
        return FIRST_CLIENT + flow % CLIENTS;
    }

    @Benchmark
    @OperationsPerInvocation(ASKED)
    public int byClientAndVip() {
        return oneByOne(false, VIP);
    }

    @Benchmark
    @OperationsPerInvocation(ASKED)
    public int byBackendAndClient() {
        return oneByOne(true, BACKEND);
    }

    /** A packet that is of no flow. */
    @Benchmark
    @OperationsPerInvocation(ASKED)
    public int ofNoFlow() {
        return oneByOne(false, BACKEND);
    }

    private int oneByOne(boolean reply, long other) {
        int sum = 0;
        keys.ofReplies(reply);
        for (int i = 0; i < ASKED; i++) {
            write(0, i, reply, other);
            sum += table.find(keys, 0, NOW);
        }
        return sum;
    }

    private void write(int key, int asked, boolean reply, long other) {
        if (reply) {
            keys.write(key, tuples[asked], 0, other, 0, clients[asked]);
        } else {
            keys.write(key, tuples[asked], 0, clients[asked], 0, other);
        }
    }

    /** As the stages ask. */
    @Benchmark
    @OperationsPerInvocation(ASKED)
    public int byClientAndVipInBursts() {
        return inBursts(false, VIP);
    }

    /** The other direction, the same way. */
    @Benchmark
    @OperationsPerInvocation(ASKED)
    public int byBackendAndClientInBursts() {
        return inBursts(true, BACKEND);
    }

    private int inBursts(boolean reply, long other) {
        int sum = 0;
        keys.ofReplies(reply);
        for (int from = 0; from < ASKED; from += BURST) {
            for (int i = 0; i < BURST; i++) {
                write(i, from + i, reply, other);
            }
            lookup.find(-1, NOW);
            for (int i = 0; i < BURST; i++) {
                sum += lookup.flow(i);
            }
        }
        return sum;
    }
}
