package dev.weft.dpdk;

import dev.weft.api.PipelineSpec;

/** In ESP, with workers at both ends. */
class WorkersSocketExchangeTest extends EncryptedSocketExchangeTest {

    @Override
    protected PipelineSpec leftPipeline() {
        return new PipelineSpec(2, false);
    }
}
