package dev.weft.benchmarks.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import org.junit.jupiter.api.Test;

class PeersReportTest {

    @Test
    void shouldTakeTheMeanOfTheMiddleTwoOfAnEvenNumber() {
        assertEquals(3, PeersReport.median(7, 3, 1));
        assertEquals(4, PeersReport.median(7, 5, 3, 1));
        assertEquals(2, PeersReport.median(3, 1));
        assertEquals(5, PeersReport.median(5));
    }

    @Test
    void shouldFindRivalsByWholeWordsOfTheirNames() {
        assertEquals(List.of("wire"), PeersReport.named("wire"));
        assertEquals(List.of("wireguard-go"), PeersReport.named("wireguard"));
        assertEquals(List.of("kernel VXLAN clear", "kernel VXLAN bridged clear", "weft kernel clear"), PeersReport.named("kernel"));
        assertEquals(List.of("weft socket aes-128-gcm busy-spin"), PeersReport.named("gcm busy-spin"));
        assertEquals(List.of("OVS user space clear"), PeersReport.named("ovs"));
        assertEquals(List.of("weft dpdk af_xdp clear", "weft dpdk af_xdp aes-128-gcm"), PeersReport.named("af_xdp"));
        for (String part : List.of("wir", "guard", "xdp", "a.s", "-", "")) {
            assertFalse(PeersReport.isRival(part), part);
        }
    }
}
