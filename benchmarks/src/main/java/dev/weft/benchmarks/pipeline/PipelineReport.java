package dev.weft.benchmarks.pipeline;

import dev.weft.benchmarks.report.LineChart;
import dev.weft.benchmarks.report.ResultTable;
import dev.weft.benchmarks.report.Series;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a packet costs on its way through all stages, in Java and in C, side by side. Arguments: where results go, where the twin's sources
 * are, forks of each side (5), milliseconds for each case in each fork (400), then parts of the names of the cases wanted (all).
 */
public final class PipelineReport {

    private static final List<String> WHOLE = List.of("walk", "outbound", "inbound");

    private PipelineReport() {
    }

    /** Whether there is a case that has the text in its name. */
    public static boolean isCase(String text) {
        return PipelineCase.all().stream().anyMatch(each -> each.toString().contains(text));
    }

    /**
     * @param directory for the results
     * @param sources   of the twin
     * @param millis    for each case
     * @param wanted    parts of names of cases; none: all
     */
    public static void run(Path directory, Path sources, int forks, int millis, List<String> wanted) throws IOException {
        List<PipelineCase> cases = PipelineCase.all().stream()
                .filter(each -> wanted.isEmpty() || wanted.stream().anyMatch(each.toString()::contains)).toList();
        List<String> specification = Stream.concat(Stream.of(Integer.toString(millis)), cases.stream().map(PipelineCase::toString)).toList();
        Forks sides = new Forks(directory, sources);
        Figures java = new Figures();
        Figures twin = new Figures();
        for (int fork = 1; fork <= forks; fork++) {
            sides.run(specification, java, twin);
            System.err.println("fork " + fork + " of " + forks + " is done");
        }
        report(directory, forks, cases, java, twin);
    }

    private static void report(Path directory, int forks, List<PipelineCase> cases, Figures java, Figures twin) throws IOException {
        ResultTable whole = whole(cases, java, twin);
        ResultTable stages = stages(cases, java, twin);
        System.out.println(LocalDate.now() + ", Linux " + System.getProperty("os.version") + ", Java " + Runtime.version()
                + ", ns a packet, one thread, bursts of 64; median burst of each fork, median and spread of " + forks + " forks, interleaved\n");
        System.out.println(whole.markdown());
        System.out.println("With a look at the clock after each stage:\n\n" + stages.markdown());
        Files.writeString(directory.resolve("pipeline.json"), whole.json());
        Files.writeString(directory.resolve("pipeline-stages.json"), stages.json());
        bySize(directory, cases, java, twin);
    }

    private static ResultTable whole(List<PipelineCase> cases, Figures java, Figures twin) {
        List<List<Object>> rows = new ArrayList<>();
        for (PipelineCase each : cases) {
            for (String figure : WHOLE) {
                double ours = java.median(each, figure);
                double theirs = twin.median(each, figure);
                if (!Double.isNaN(ours)) {
                    rows.add(List.of(each.work().label() + (figure.equals("walk") ? "" : " " + figure), each.size(), each.flows(), each.endpoints(),
                            each.cold() ? "cold" : "warm", ours, java.spread(each, figure), theirs, twin.spread(each, figure),
                            Math.round(100 * theirs / ours) / 100.0, Math.round(10 * each.size() * 8 / ours) / 10.0, java.median(each, "allocated")));
                }
            }
        }
        return new ResultTable(List.of("work", "bytes", "flows", "endpoints", "cache", "Java, ns", "spread", "C, ns", "spread of C", "Java/C speed",
                "Gbit/s a core", "allocated bytes a packet"), rows);
    }

    private static ResultTable stages(List<PipelineCase> cases, Figures java, Figures twin) {
        List<List<Object>> rows = new ArrayList<>();
        for (PipelineCase each : cases) {
            java.names(each).stream().filter(name -> name.startsWith("in ") || name.startsWith("out ")).forEach(stage ->
                    rows.add(List.of(each.toString(), stage, java.median(each, stage), twin.median(each, stage))));
        }
        return new ResultTable(List.of("case", "stage", "Java, ns", "C, ns"), rows);
    }

    private static void bySize(Path directory, List<PipelineCase> cases, Figures java, Figures twin) {
        List<Series> curves = new ArrayList<>();
        for (String figure : List.of("outbound", "inbound")) {
            curves.add(curve("Java, " + figure, figure, cases, java));
            curves.add(curve("C, " + figure, figure, cases, twin));
        }
        if (curves.stream().anyMatch(curve -> !curve.points().isEmpty())) {
            try {
                Files.writeString(directory.resolve("pipeline.svg"), new LineChart("All stages with AES-128-GCM, one core",
                        new LineChart.Label("bytes of the inner frame", true), new LineChart.Label("ns a packet", false)).svg(curves));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static Series curve(String name, String figure, List<PipelineCase> cases, Figures figures) {
        return new Series(name, cases.stream()
                .filter(each -> each.work() == PipelineCase.Work.ESP && each.endpoints() == 1 && !each.cold())
                .filter(each -> !Double.isNaN(figures.median(each, figure)))
                .map(each -> new Series.Point(each.size(), figures.median(each, figure))).toList());
    }
}
