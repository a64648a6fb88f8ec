package dev.weft.benchmarks.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PeersReportTest {

    @Test
    void shouldTakeTheMeanOfTheMiddleTwoOfAnEvenNumber() {
        assertEquals(3, PeersReport.median(7, 3, 1));
        assertEquals(4, PeersReport.median(7, 5, 3, 1));
        assertEquals(2, PeersReport.median(3, 1));
        assertEquals(5, PeersReport.median(5));
    }
}
