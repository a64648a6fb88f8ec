package dev.weft.benchmarks.pipeline;

import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Runs the stages of one direction with a look at the clock after each; stages that the twin has in one loop count together. */
final class StageClock {

    /** What the twin calls the stages; one that it has not goes by its own name. */
    private static final Map<String, String> TWINS = Map.ofEntries(Map.entry("InnerParse", "parse"), Map.entry("SourceGuard", "guard"),
            Map.entry("NeighborAnswer", "answers"), Map.entry("EchoAnswer", "answers"), Map.entry("GatewayService", "answers"),
            Map.entry("PathMtu", "answers"), Map.entry("VipReturn", "vip return"), Map.entry("VipDispatch", "vip"), Map.entry("Fdb", "fdb"),
            Map.entry("NextHop", "next hop, SA"), Map.entry("SaSelect", "next hop, SA"), Map.entry("VxlanEncap", "vxlan"),
            Map.entry("EspSeal", "esp"), Map.entry("UnderlayParse", "underlay"), Map.entry("SaLookup", "esp"), Map.entry("EspOpen", "esp"),
            Map.entry("ReplayCheck", "esp"), Map.entry("VxlanDecap", "vxlan"),
            Map.entry("SourceCheck", "source"), Map.entry("ChecksumCompletion", "completion"), Map.entry("NeighborRelay", "completion"),
            Map.entry("Transmit", "transmit"));

    private final String direction;
    private final Stage[] stages;
    private final List<String> names;
    /** By name; the stages of one name are a run. */
    private final BurstTimes[] times;
    private long last;

    StageClock(String direction, List<Stage> stages, Stage transmit) {
        this.direction = direction;
        List<Stage> all = new ArrayList<>(stages);
        all.add(transmit);
        this.stages = all.toArray(Stage[]::new);
        names = new ArrayList<>(List.of("receive"));
        for (Stage stage : all) {
            String name = stage.getClass().getSimpleName();
            // The clamp is in one loop with what stands before it, in both directions.
            names.add(name.equals("MssClamp") ? names.getLast() : TWINS.getOrDefault(name, name));
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
