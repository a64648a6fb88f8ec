package dev.weft.dpdk.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class IdleStrategyTest {

    private static int roundsUntilSleep(IdleStrategy idle, boolean bulk) {
        int rounds = 1;
        while (!idle.after(false, bulk)) {
            rounds++;
        }
        return rounds;
    }

    @Test
    void shouldSleepAfterAWhileWithoutWork() {
        IdleStrategy idle = new IdleStrategy(false);

        int rounds = roundsUntilSleep(idle, false);

        assertTrue(rounds > 1, "it yields first");
        assertTrue(idle.after(false, false), "it stays tired");
        assertFalse(idle.after(true, false));
        assertEquals(rounds, roundsUntilSleep(idle, false), "work begins the while anew");
    }

    @Test
    void shouldSleepSoonerWhilePacketsComeInBulk() {
        IdleStrategy idle = new IdleStrategy(false);

        int rounds = roundsUntilSleep(idle, true);

        assertTrue(rounds > 1, "it yields first");
        assertFalse(idle.after(true, false));
        assertTrue(rounds < roundsUntilSleep(idle, false));
    }

    @Test
    void shouldNeverSleepWithACoreOfItsOwn() {
        IdleStrategy idle = new IdleStrategy(true);

        for (int round = 0; round < 100_000; round++) {
            assertFalse(idle.after(round % 1_000 == 0, round % 2_000 < 1_000));
        }
    }
}
