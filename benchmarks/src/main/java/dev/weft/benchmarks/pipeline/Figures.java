package dev.weft.benchmarks.pipeline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the forks of one side have said: a figure of a case, once for each fork. */
final class Figures {

    private final Map<String, Map<String, List<Double>>> byCase = new LinkedHashMap<>();

    /** Takes a line of a fork: case, name of the figure, value, with tabs between. Other lines are somebody else's. */
    void take(String line) {
        String[] fields = line.split("\t");
        if (fields.length == 3) {
            byCase.computeIfAbsent(fields[0], _ -> new LinkedHashMap<>()).computeIfAbsent(fields[1], _ -> new ArrayList<>())
                    .add(Double.parseDouble(fields[2]));
        }
    }

    /** Names of a case's figures. */
    List<String> names(PipelineCase wanted) {
        return List.copyOf(byCase.getOrDefault(wanted.toString(), Map.of()).keySet());
    }

    /** The median over the forks; NaN when there is none. */
    double median(PipelineCase wanted, String figure) {
        List<Double> values = sorted(wanted, figure);
        return values.isEmpty() ? Double.NaN : values.get(values.size() / 2);
    }

    /** The least and the most over the forks, as text. */
    String spread(PipelineCase wanted, String figure) {
        List<Double> values = sorted(wanted, figure);
        return values.isEmpty() ? "" : String.format(Locale.ROOT, "%.1f-%.1f", values.getFirst(), values.getLast());
    }

    private List<Double> sorted(PipelineCase wanted, String figure) {
        return byCase.getOrDefault(wanted.toString(), Map.of()).getOrDefault(figure, List.of()).stream().sorted().toList();
    }
}
