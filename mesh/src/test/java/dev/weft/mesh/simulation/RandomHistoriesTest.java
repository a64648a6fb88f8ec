package dev.weft.mesh.simulation;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Attach, detach, crash, partition, leader change: a thousand random histories, and what has to hold in each. */
class RandomHistoriesTest {

    /** -Dweft.histories=N for more, or fewer; -Dweft.seed=N for others, or for one again. */
    private static final int HISTORIES = Integer.getInteger("weft.histories", 1_000);
    private static final long FIRST_SEED = Long.getLong("weft.seed", 1);

    @Test
    void shouldKeepWhatIsPromisedInAThousandHistories() {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed++) {
            new History(seed).play();
        }
    }

    @Test
    void shouldNoticeAStoreThatGivesAnEntryTwice() {
        AssertionError noticed = assertThrows(AssertionError.class, () -> {
            for (long seed = 1; seed <= 100; seed++) {
                History history = new History(seed);
                history.cluster().ensemble().giveTwice();
                history.play();
            }
        });
        assertTrue(noticed.getMessage().contains("was given twice") && noticed.getMessage().contains("seed "), noticed.getMessage());
    }
}
