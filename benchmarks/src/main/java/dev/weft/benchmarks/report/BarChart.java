package dev.weft.benchmarks.report;

import java.util.List;
import java.util.Locale;

/** A bar for each of those that are compared, from zero, as SVG of its own. */
public record BarChart(String title) {

    /** @param value not negative */
    public record Bar(String name, double value) {
    }

    private static final int WIDTH = 760;
    private static final int LEFT = 190;
    private static final int RIGHT = WIDTH - 70;
    private static final int TOP = 50;
    private static final int LINE = 30;
    private static final int THICKNESS = 20;

    /** @throws IllegalArgumentException if there is nothing to draw, or a bar of less than nothing */
    public String svg(List<Bar> bars) {
        if (bars.isEmpty()) {
            throw new IllegalArgumentException("a chart without a bar: " + title);
        }
        Axis across = Axis.holding(bars.stream().mapToDouble(Bar::value).toArray(), false, LEFT, RIGHT);
        int height = TOP + bars.size() * LINE + 20;
        StringBuilder svg = new StringBuilder();
        line(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">", WIDTH, height);
        line(svg, "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", WIDTH, height);
        line(svg, "<text x=\"20\" y=\"28\" font-size=\"16\">%s</text>", LineChart.escaped(title));
        for (int i = 0; i < bars.size(); i++) {
            int y = TOP + i * LINE;
            double end = across.pixel(bars.get(i).value());
            line(svg, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>", LEFT - 8, y + 15, LineChart.escaped(bars.get(i).name()));
            line(svg, "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"#0072b2\"/>", LEFT, y, end - LEFT, THICKNESS);
            line(svg, "<text x=\"%.1f\" y=\"%d\">%s</text>", end + 6, y + 15, Axis.text(bars.get(i).value()));
        }
        return svg.append("</svg>\n").toString();
    }

    private static void line(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
