package dev.weft.benchmarks.pipeline;

import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Runs the stages of one direction with a look at the clock after each; stages that the twin has in one loop count together. */
final class StageClock {

    /** What the twin calls the stages, by their order here: receive first, transmit last. */
    static final List<String> OUTBOUND = List.of("receive", "parse", "guard", "answers", "answers", "answers", "answers", "answers", "vip", "vip", "fdb",
            "next hop, SA", "next hop, SA", "vxlan", "esp", "transmit");
    static final List<String> INBOUND = List.of("receive", "underlay", "esp", "vxlan", "parse", "source", "completion", "completion", "completion", "vip",
            "fdb", "transmit");

    private final String direction;
    private final Stage[] stages;
    private final List<String> names;
    /** By name; the stages of one name are a run. */
    private final BurstTimes[] times;
    private long last;

    StageClock(String direction, List<Stage> stages, Stage transmit, List<String> names) {
        this.direction = direction;
        List<Stage> all = new ArrayList<>(stages);
        all.add(transmit);
        this.stages = all.toArray(Stage[]::new);
        this.names = names;
        if (names.size() != all.size() + 1) {
            throw new IllegalStateException("there are " + all.size() + " stages, and the receive, and " + names.size() + " names");
        }
        times = names.stream().map(_ -> new BurstTimes()).toArray(BurstTimes[]::new);
    }

    void reset() {
        Arrays.stream(times).forEach(BurstTimes::reset);
    }

    /** Before the receive. */
    void begin() {
        last = System.nanoTime();
    }

    /** Behind the receive. */
    void process(Burst burst) {
        passed(0);
        for (int i = 0; i < stages.length; i++) {
            stages[i].process(burst);
            if (i + 2 == names.size() || !names.get(i + 1).equals(names.get(i + 2))) {
                passed(i + 1);
            }
        }
    }

    private void passed(int stage) {
        long now = System.nanoTime();
        times[stage].took(now - last);
        last = now;
    }

    void report(Measurement.Result result) {
        for (int i = 0; i < times.length; i++) {
            if (i + 1 == times.length || !names.get(i).equals(names.get(i + 1))) {
                result.figure(direction + names.get(i), times[i].median());
            }
        }
    }
}
