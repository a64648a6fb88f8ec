package dev.weft.ffm.libc;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class GracePeriodTest {

    @Test
    void shouldBeWaitedForByTheKernel() {
        assertTrue(GracePeriod.await());
    }
}
