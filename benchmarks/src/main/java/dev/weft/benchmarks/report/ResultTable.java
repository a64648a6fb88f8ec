package dev.weft.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Measured figures with a heading for each column: for people as a Markdown table, for programs as JSON. */
public record ResultTable(List<String> columns, List<List<Object>> rows) {

    public ResultTable {
        columns = List.copyOf(columns);
        rows = rows.stream().map(List::copyOf).toList();
        int width = columns.size();
        if (rows.stream().anyMatch(row -> row.size() != width)) {
            throw new IllegalArgumentException("each row has " + width + " cells, as the heading has: " + rows);
        }
    }

    public String markdown() {
        List<List<String>> lines = new ArrayList<>();
        lines.add(columns);
        rows.forEach(row -> lines.add(row.stream().map(ResultTable::text).toList()));
        int[] widths = new int[columns.size()];
        lines.forEach(line -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        });
        StringBuilder text = new StringBuilder();
        for (int row = 0; row < lines.size(); row++) {
            text.append('|');
            for (int i = 0; i < widths.length; i++) {
                text.append(String.format(Locale.ROOT, i == 0 ? " %-" + widths[i] + "s |" : " %" + widths[i] + "s |", lines.get(row).get(i)));
            }
            text.append('\n');
            if (row == 0) {
                text.append('|');
                for (int i = 0; i < widths.length; i++) {
                    text.append(i == 0 ? "-".repeat(widths[i] + 2) : "-".repeat(widths[i] + 1) + ":").append('|');
                }
                text.append('\n');
            }
        }
        return text.toString();
    }

    /** An array with an object for each row. */
    public String json() {
        return rows.stream().map(row -> {
            List<String> members = new ArrayList<>();
            for (int i = 0; i < row.size(); i++) {
                members.add(quoted(columns.get(i)) + ": " + (row.get(i) instanceof Number number ? json(number) : quoted(row.get(i).toString())));
            }
            return "  {" + String.join(", ", members) + "}";
        }).collect(Collectors.joining(",\n", "[\n", "\n]\n"));
    }

    private static String json(Number number) {
        double value = number.doubleValue();
        return Double.isNaN(value) || Double.isInfinite(value) ? "null" : number.toString();
    }

    private static String text(Object cell) {
        return cell instanceof Double value ? Axis.text(value) : cell instanceof Number number ? String.format(Locale.ROOT, "%,d", number.longValue())
                : cell.toString();
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
