package dev.weft.dpdk.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class IdleStrategyTest {

    private static int roundsUntilSleep(IdleStrategy idle) {
        int rounds = 1;
        while (!idle.after(false)) {
            rounds++;
        }
        return rounds;
    }

    @Test
    void shouldSleepAfterAWhileWithoutWork() {
        IdleStrategy idle = new IdleStrategy(false);

        int rounds = roundsUntilSleep(idle);

        assertTrue(rounds > 1, "it yields first");
        assertTrue(idle.after(false), "it stays tired");
        assertFalse(idle.after(true));
        assertEquals(rounds, roundsUntilSleep(idle), "work begins the while anew");
    }

    @Test
    void shouldNeverSleepWithACoreOfItsOwn() {
        IdleStrategy idle = new IdleStrategy(true);

        for (int round = 0; round < 100_000; round++) {
            assertFalse(idle.after(round % 1_000 == 0));
        }
    }
}
