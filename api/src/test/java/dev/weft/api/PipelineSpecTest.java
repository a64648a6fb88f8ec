package dev.weft.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class PipelineSpecTest {

    @Test
    void shouldBeFusedWithOneQueueAndPriorityForStreams() {
        assertEquals(new PipelineSpec(0, false, 1, true), PipelineSpec.DEFAULT);
        assertEquals(new PipelineSpec(2, true, 1, true), new PipelineSpec(2, true));
        assertEquals(new PipelineSpec(2, true, 3, true), new PipelineSpec(2, true, 3));
    }

    @Test
    void shouldDoWithoutPriority() {
        assertEquals(new PipelineSpec(2, true, 3, false), new PipelineSpec(2, true, 3).withStreamPriority(false));
    }

    @Test
    void shouldRefuseWhatIsOutOfRange() {
        for (int[] each : new int[][] {{-1, 1}, {65, 1}, {0, 0}, {0, 65}}) {
            assertThrows(WeftException.InvalidSpec.class, () -> new PipelineSpec(each[0], false, each[1]));
        }
        assertEquals(64, new PipelineSpec(64, false, 64).queues());
    }
}
