package dev.weft.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class LineChartTest {

    private static final List<Series> CURVES = List.of(
            new Series("full <all>", List.of(new Series.Point(100, 50), new Series.Point(1_000, 600), new Series.Point(100_000, 70_000))),
            new Series("difference & more", List.of(new Series.Point(100, 5), new Series.Point(100_000, 9))));

    @Test
    void shouldDrawEachSeriesOnceAsWellFormedXml() throws Exception {
        Document svg = parsed(new LineChart("One change", new LineChart.Label("endpoints", true), new LineChart.Label("us", true)).svg(CURVES));
        assertEquals(5, svg.getElementsByTagName("circle").getLength());
        assertTrue(texts(svg).contains("full <all>"));
        assertTrue(texts(svg).contains("difference & more"));
    }

    @Test
    void shouldPutPowersOfTenAtEqualDistances() {
        Axis axis = Axis.holding(new double[] {100, 100_000}, true, 0, 300);
        assertEquals(List.of(100.0, 1_000.0, 10_000.0, 100_000.0), axis.ticks());
        assertEquals(100, axis.pixel(1_000), 1e-9);
        assertEquals(300, axis.pixel(100_000), 1e-9);
    }

    @Test
    void shouldBeginALinearAxisAtZeroWithFewTicks() {
        Axis axis = Axis.holding(new double[] {3, 9}, false, 400, 0);
        assertEquals(400, axis.pixel(0), 1e-9);
        assertEquals(List.of(0.0, 2.0, 4.0, 6.0, 8.0), axis.ticks());
    }

    @Test
    void shouldRefuseWhatAnAxisCannotShow() {
        LineChart chart = new LineChart("none", new LineChart.Label("x", false), new LineChart.Label("y", true));
        assertThrows(IllegalArgumentException.class, () -> chart.svg(List.of()));
        assertThrows(IllegalArgumentException.class, () -> chart.svg(List.of(new Series("zero", List.of(new Series.Point(1, 0))))));
    }

    @Test
    void shouldWriteFiguresForPeopleAndForPrograms() {
        ResultTable table = new ResultTable(List.of("path", "endpoints", "us"),
                List.of(List.of("ker\"nel", 100_000, 12.5), List.of("socket", 100, 3.0)));
        assertEquals("""
                | path    | endpoints |   us |
                |---------|----------:|-----:|
                | ker"nel |   100,000 | 12.5 |
                | socket  |       100 |    3 |
                """, table.markdown());
        assertEquals("""
                [
                  {"path": "ker\\"nel", "endpoints": 100000, "us": 12.5},
                  {"path": "socket", "endpoints": 100, "us": 3.0}
                ]
                """, table.json());
        assertThrows(IllegalArgumentException.class, () -> new ResultTable(List.of("a"), List.of(List.of(1, 2))));
    }

    @Test
    void shouldDrawABarForEachOfThoseCompared() throws Exception {
        BarChart chart = new BarChart("Gbit/s");
        Document svg = parsed(chart.svg(List.of(new BarChart.Bar("one", 5), new BarChart.Bar("two & more", 10), new BarChart.Bar("none", 0))));
        assertEquals("250.0", svg.getElementsByTagName("rect").item(1).getAttributes().getNamedItem("width").getTextContent());
        assertEquals("500.0", svg.getElementsByTagName("rect").item(2).getAttributes().getNamedItem("width").getTextContent());
        assertEquals("0.0", svg.getElementsByTagName("rect").item(3).getAttributes().getNamedItem("width").getTextContent());
        assertTrue(texts(svg).containsAll(List.of("two & more", "10")));
        assertThrows(IllegalArgumentException.class, () -> chart.svg(List.of()));
    }

    private static Document parsed(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    }

    private static List<String> texts(Document svg) {
        return java.util.stream.IntStream.range(0, svg.getElementsByTagName("text").getLength())
                .mapToObj(i -> svg.getElementsByTagName("text").item(i).getTextContent()).toList();
    }
}
