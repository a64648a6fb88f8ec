package dev.weft.benchmarks.peers;

import com.sun.management.OperatingSystemMXBean;
import dev.weft.api.Cipher;
import dev.weft.api.DataPathKind;
import dev.weft.api.PipelineSpec;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.SaLimit;
import dev.weft.testing.PairKeys;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Two Weft data paths of one kind, both in this process, whose CPU time is theirs. */
final class WeftRival extends ContainersRival {

    private static final int VNI = 77;
    private static final long SEED = 6;

    private final DataPathKind kind;
    private final Optional<Cipher> cipher;
    private final Optional<String> driver;
    private final PipelineSpec pipeline;

    WeftRival(DataPathKind kind, Optional<Cipher> cipher, boolean singleDatagrams) {
        this(kind, cipher, Optional.empty(), PipelineSpec.DEFAULT, singleDatagrams);
    }

    /** @param driver of DPDK's that the uplink is named with; empty: the one that is taken unasked */
    WeftRival(DataPathKind kind, Optional<Cipher> cipher, Optional<String> driver, PipelineSpec pipeline, boolean singleDatagrams) {
        super(singleDatagrams);
        this.kind = kind;
        this.cipher = cipher;
        this.driver = driver;
        this.pipeline = pipeline;
    }

    @Override
    public String name() {
        return "weft " + kind.name().toLowerCase(Locale.ROOT) + driver.map(each -> " " + each).orElse("")
                + cipher.map(each -> " " + each.label()).orElse(" clear") + (pipeline.busySpin() ? " busy-spin" : "");
    }

    @Override
    public void open() {
        super.open();
        cipher.ifPresent(each -> {
            PairKeys keys = new PairKeys(each, kind == DataPathKind.SOCKET, SaLimit.DEFAULT, 0, SEED);
            keys.offer();
            keys.switchOver();
            hosts().encrypt(VNI, each, keys);
        });
        driver.ifPresent(each -> {
            hosts().uplink(1, each + ":up0");
            hosts().uplink(2, each + ":up0");
        });
        hosts().pipeline(1, pipeline);
        hosts().pipeline(2, pipeline);
        DataPath near = hosts().open(1, kind);
        DataPath far = hosts().open(2, kind);
        between(hosts().member("a", VNI, 1, 10), hosts().member("b", VNI, 2, 11));
        apply(near, 1);
        apply(far, 2);
    }

    private void apply(DataPath path, int host) {
        Map<?, ?> failures = path.apply(hosts().state(host));
        if (!failures.isEmpty()) {
            throw new IllegalStateException(name() + " does not work here: " + failures);
        }
    }

    @Override
    public double cpuSeconds() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1e9;
    }
}
