package dev.weft.benchmarks.report;

import java.util.List;

/** One line of a {@link LineChart}: what was measured at each x. */
public record Series(String name, List<Point> points) {

    /** @param x a size, say @param y what was measured there */
    public record Point(double x, double y) {
    }

    public Series {
        points = List.copyOf(points);
    }
}
