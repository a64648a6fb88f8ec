package dev.weft.benchmarks.simulation;

import dev.weft.benchmarks.report.LineChart;
import dev.weft.benchmarks.report.ResultTable;
import dev.weft.benchmarks.report.Series;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.FutureTask;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * How the control plane grows: simulated clusters of several sizes, and ten times the largest on paper. Prints tables and writes
 * charts. Arguments: a directory for the charts, and the sizes; 10, 100 and 1,000 nodes without.
 */
public final class SimulationReport {

    private SimulationReport() {
    }

    /**
     * On a virtual thread, as the fibers are that it takes turns with: between two of them a turn costs no switch of the kernel's.
     *
     * @param directory for the results
     * @param sizes     of clusters, in nodes
     */
    public static void run(Path directory, List<Integer> sizes) throws Exception {
        FutureTask<Void> report = new FutureTask<>(() -> {
            report(directory, sizes);
            return null;
        });
        Thread.ofVirtual().start(report);
        report.get();
    }

    private static void report(Path directory, List<Integer> sizes) throws IOException {
        List<ScaleFigures> measured = new ArrayList<>();
        for (int size : sizes) {
            measured.add(new ScaleRun(size, System.err).run());
        }
        List<ScaleFigures> all = new ArrayList<>(measured);
        if (measured.size() > 1) {
            all.add(OnPaper.of(measured));
        }
        System.out.println(table(all, measured.size()).markdown());
        Files.createDirectories(directory);
        chart(directory, "simulation-time", "Convergence of the control plane, virtual time", "seconds", measured,
                new Line("all attach at once", ScaleFigures::attachAllSeconds), new Line("one attach, median", f -> f.changeMillis() / 1_000),
                new Line("a node's death", ScaleFigures::deathSeconds), new Line("a leader change", ScaleFigures::leaderSeconds));
        chart(directory, "simulation-traffic", "Traffic of the control plane", "messages a node", measured,
                new Line("idle, a minute", ScaleFigures::idleMessages), new Line("a change heard of", ScaleFigures::changeMessages),
                new Line("all attach, an endpoint", ScaleFigures::attachMessages));
        chart(directory, "simulation-memory", "Memory of the control plane", "kilobytes a node", measured,
                new Line("a node", ScaleFigures::memoryKilobytes));
    }

    private static ResultTable table(List<ScaleFigures> all, int measured) {
        List<List<Object>> rows = new ArrayList<>();
        row(rows, "endpoints", all, figures -> figures.endpoints());
        row(rows, "all attach at once: converged after s", all, ScaleFigures::attachAllSeconds);
        row(rows, "  messages a node for each endpoint it hears of", all, ScaleFigures::attachMessages);
        row(rows, "one attach: converged after ms, median", all, ScaleFigures::changeMillis);
        row(rows, "  worst of 21", all, ScaleFigures::changeMillisWorst);
        row(rows, "  messages a node that hears of it", all, ScaleFigures::changeMessages);
        row(rows, "  bytes a node that hears of it", all, ScaleFigures::changeBytes);
        row(rows, "a node's death: converged after s", all, ScaleFigures::deathSeconds);
        row(rows, "a leader change: a change converged after s", all, ScaleFigures::leaderSeconds);
        row(rows, "idle: messages a node and minute", all, ScaleFigures::idleMessages);
        row(rows, "idle: bytes a node and minute", all, ScaleFigures::idleBytes);
        row(rows, "memory a node, kB", all, ScaleFigures::memoryKilobytes);
        List<String> columns = new ArrayList<>(List.of("nodes"));
        for (int i = 0; i < all.size(); i++) {
            columns.add(String.format(Locale.ROOT, "%,d", all.get(i).nodes()) + (i < measured ? "" : " on paper"));
        }
        return new ResultTable(columns, rows);
    }

    private static void row(List<List<Object>> rows, String name, List<ScaleFigures> all, ToDoubleFunction<ScaleFigures> value) {
        List<Object> row = new ArrayList<>(List.of(name));
        all.forEach(figures -> row.add(rounded(value.applyAsDouble(figures))));
        rows.add(row);
    }

    /** Three digits are more than a model is worth. */
    private static double rounded(double value) {
        return value == 0 ? 0 : new BigDecimal(value).round(new MathContext(3)).doubleValue();
    }

    private record Line(String name, ToDoubleFunction<ScaleFigures> value) {
    }

    private static void chart(Path directory, String file, String title, String unit, List<ScaleFigures> measured, Line... lines) throws IOException {
        List<Series> all = Stream.of(lines).map(line -> new Series(line.name(), measured.stream()
                .map(figures -> new Series.Point(figures.nodes(), line.value().applyAsDouble(figures))).toList())).toList();
        String svg = new LineChart(title, new LineChart.Label("nodes", true), new LineChart.Label(unit, true)).svg(all);
        Path path = directory.resolve(file + ".svg");
        Files.writeString(path, svg);
        System.out.println("chart: " + path);
    }
}
