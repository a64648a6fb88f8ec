package dev.weft.examples.agent;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Prints a JSON list as a table for people: one row an element, one column a field. */
final class Table {

    private Table() {
    }

    static void print(PrintWriter out, JsonNode rows, String... columns) {
        List<String[]> cells = new ArrayList<>();
        String[] heads = new String[columns.length];
        for (int column = 0; column < columns.length; column++) {
            heads[column] = columns[column].toUpperCase(java.util.Locale.ROOT);
        }
        cells.add(heads);
        for (JsonNode row : rows) {
            String[] line = new String[columns.length];
            for (int column = 0; column < columns.length; column++) {
                line[column] = text(row.path(columns[column]));
            }
            cells.add(line);
        }
        cells.forEach(line -> out.println(row(cells, line)));
    }

    private static String row(List<String[]> all, String[] line) {
        StringBuilder text = new StringBuilder();
        for (int column = 0; column < line.length; column++) {
            int at = column;
            int width = all.stream().mapToInt(each -> each[at].length()).max().orElse(0);
            text.append(line[column]).append(" ".repeat(width - line[column].length() + 2));
        }
        return text.toString().stripTrailing();
    }

    private static String text(JsonNode value) {
        if (!value.isArray()) {
            return value.asText();
        }
        List<String> parts = new ArrayList<>();
        value.forEach(part -> parts.add(part.asText()));
        return String.join(",", parts);
    }
}
