package dev.weft.benchmarks.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FiguresTest {

    private static final PipelineCase WANTED = PipelineCase.parse("esp:1400:1:1:warm");

    @Test
    void shouldTakeTheMedianOfTheForksAndPassByOtherLines() {
        Figures figures = new Figures();
        Stream.of("esp:1400:1:1:warm\toutbound\t120.5", "EAL: a warning", "esp:1400:1:1:warm\toutbound\t100.0", "esp:1400:1:1:warm\toutbound\t300.0",
                "esp:64:1:1:warm\toutbound\t7.0").forEach(figures::take);
        assertEquals(120.5, figures.median(WANTED, "outbound"));
        assertEquals("100.0-300.0", figures.spread(WANTED, "outbound"));
        assertEquals(Double.NaN, figures.median(WANTED, "inbound"));
        assertEquals(List.of("outbound"), figures.names(WANTED));
    }

    @Test
    void shouldNameEachCaseAsBothSidesReadIt() {
        List<PipelineCase> all = PipelineCase.all();
        all.forEach(each -> assertEquals(each, PipelineCase.parse(each.toString())));
        assertEquals(all.size(), Set.copyOf(all).size());
        assertTrue(all.stream().anyMatch(each -> each.flows() == 1_000_000) && all.stream().anyMatch(each -> each.endpoints() == 100_000));
    }
}
