package dev.weft.benchmarks;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.ToIntFunction;

/**
 * How much more a look-up costs among 1,000,000 flows than among 1,000: both tables in one process, a batch of either in turn and each of flows
 * drawn anew, so that what disturbs the machine disturbs both and no cache knows them from before. {@code ./weft bench flows}
 */
final class FlowLookupReport {

    private static final int FEW = 1_000;
    private static final int MANY = 1_000_000;
    private static final int WARM_UP = 200;
    private static final int BATCHES = 501;

    private final FlowTableBenchmark few = FlowTableBenchmark.of(FEW);
    private final FlowTableBenchmark many = FlowTableBenchmark.of(MANY);
    private int sum;

    private FlowLookupReport() {
    }

    static void run() {
        FlowLookupReport report = new FlowLookupReport();
        System.out.printf(Locale.ROOT, "ns a look-up, median of %d batches of %,d each, a batch among %,d flows and one among %,d in turn%n", BATCHES,
                FlowTableBenchmark.ASKED, FEW, MANY);
        report.compare("by client and VIP, in bursts of 64", FlowTableBenchmark::byClientAndVipInBursts);
        report.compare("by backend and client, in bursts of 64", FlowTableBenchmark::byBackendAndClientInBursts);
        report.compare("by client and VIP, one by one", FlowTableBenchmark::byClientAndVip);
        report.compare("by backend and client, one by one", FlowTableBenchmark::byBackendAndClient);
        report.compare("of no flow, one by one", FlowTableBenchmark::ofNoFlow);
    }

    private void compare(String what, ToIntFunction<FlowTableBenchmark> batch) {
        double[] amongFew = new double[BATCHES];
        double[] amongMany = new double[BATCHES];
        for (int i = -WARM_UP; i < BATCHES; i++) {
            double one = nanos(batch, few);
            double other = nanos(batch, many);
            if (i >= 0) {
                amongFew[i] = one;
                amongMany[i] = other;
            }
        }
        Arrays.sort(amongFew);
        Arrays.sort(amongMany);
        double one = amongFew[BATCHES / 2];
        double other = amongMany[BATCHES / 2];
        System.out.printf(Locale.ROOT, "%-38s %7.1f %7.1f   ratio %.2f%n", what, one, other, other / one);
    }

    private double nanos(ToIntFunction<FlowTableBenchmark> batch, FlowTableBenchmark flows) {
        flows.choose();
        long start = System.nanoTime();
        sum += batch.applyAsInt(flows);
        return (System.nanoTime() - start) / (double) FlowTableBenchmark.ASKED;
    }
}
