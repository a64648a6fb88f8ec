package dev.weft.mesh.keys;

import dev.weft.api.DataPathKind;
import dev.weft.api.PipelineSpec;
import org.junit.jupiter.api.Tag;

/** One host's packet path is fused, the other's has workers. */
@Tag("privileged")
class DpdkRekeyTest extends RekeyBetweenHosts {

    @Override
    protected DataPathKind kind(int host) {
        return DataPathKind.DPDK;
    }

    @Override
    protected PipelineSpec pipeline() {
        return new PipelineSpec(2, false);
    }
}
