package dev.weft.benchmarks.report;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Lines over two axes, as SVG of its own: no script, no font, no style from elsewhere. */
public record LineChart(String title, Label x, Label y) {

    /** What an axis shows. @param text with its unit */
    public record Label(String text, boolean logarithmic) {
    }

    private static final int WIDTH = 760;
    private static final int HEIGHT = 440;
    private static final int LEFT = 80;
    private static final int RIGHT = WIDTH - 210;
    private static final int TOP = 50;
    private static final int BOTTOM = HEIGHT - 60;
    private static final int LEGEND_LINE = 22;
    /** Told apart by people who do not see all colours: Okabe and Ito's. */
    private static final List<String> COLOURS = List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000");

    /** @throws IllegalArgumentException if there is nothing to draw, or a value that the axis cannot show */
    public String svg(List<Series> all) {
        if (all.stream().allMatch(series -> series.points().isEmpty())) {
            throw new IllegalArgumentException("a chart without a point: " + title);
        }
        Axis across = Axis.holding(points(all).mapToDouble(Series.Point::x).toArray(), x.logarithmic(), LEFT, RIGHT);
        Axis up = Axis.holding(points(all).mapToDouble(Series.Point::y).toArray(), y.logarithmic(), BOTTOM, TOP);
        StringBuilder svg = new StringBuilder();
        line(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">", WIDTH, HEIGHT);
        line(svg, "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", WIDTH, HEIGHT);
        line(svg, "<text x=\"%d\" y=\"28\" font-size=\"16\">%s</text>", LEFT, escaped(title));
        axes(svg, across, up);
        for (int i = 0; i < all.size(); i++) {
            draw(svg, all.get(i), across, up, COLOURS.get(i % COLOURS.size()), TOP + i * LEGEND_LINE);
        }
        return svg.append("</svg>\n").toString();
    }

    private static Stream<Series.Point> points(List<Series> all) {
        return all.stream().flatMap(series -> series.points().stream());
    }

    private void axes(StringBuilder svg, Axis across, Axis up) {
        for (double tick : across.ticks()) {
            line(svg, "<path d=\"M%.1f %d V%d\" stroke=\"#dddddd\"/>", across.pixel(tick), BOTTOM, TOP);
            line(svg, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>", across.pixel(tick), BOTTOM + 20, Axis.text(tick));
        }
        for (double tick : up.ticks()) {
            line(svg, "<path d=\"M%d %.1f H%d\" stroke=\"#dddddd\"/>", LEFT, up.pixel(tick), RIGHT);
            line(svg, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>", LEFT - 8, up.pixel(tick) + 4, Axis.text(tick));
        }
        line(svg, "<path d=\"M%d %d V%d H%d\" fill=\"none\" stroke=\"black\"/>", LEFT, TOP, BOTTOM, RIGHT);
        line(svg, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>", (LEFT + RIGHT) / 2, HEIGHT - 16, escaped(x.text()));
        line(svg, "<text transform=\"translate(20 %d) rotate(-90)\" text-anchor=\"middle\">%s</text>", (TOP + BOTTOM) / 2, escaped(y.text()));
    }

    private static void draw(StringBuilder svg, Series series, Axis across, Axis up, String colour, int legend) {
        StringBuilder path = new StringBuilder();
        for (Series.Point point : series.points()) {
            path.append(String.format(Locale.ROOT, "%s%.1f %.1f", path.isEmpty() ? "M" : " L", across.pixel(point.x()), up.pixel(point.y())));
            line(svg, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"/>", across.pixel(point.x()), up.pixel(point.y()), colour);
        }
        line(svg, "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>", path, colour);
        line(svg, "<path d=\"M%d %d h20\" stroke=\"%s\" stroke-width=\"2\"/>", RIGHT + 16, legend, colour);
        line(svg, "<text x=\"%d\" y=\"%d\">%s</text>", RIGHT + 42, legend + 4, escaped(series.name()));
    }

    private static void line(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
