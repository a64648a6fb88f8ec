package dev.weft.benchmarks.simulation;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Ten times as many nodes as were simulated last, by what each further node cost between the last two sizes: every figure is a part
 * that does not depend on the number of nodes and a part for each node.
 */
final class OnPaper {

    private static final int TIMES = 10;

    private OnPaper() {
    }

    static ScaleFigures of(List<ScaleFigures> measured) {
        ScaleFigures before = measured.get(measured.size() - 2);
        ScaleFigures last = measured.getLast();
        int nodes = last.nodes() * TIMES;
        Line line = new Line(before, last, nodes);
        return new ScaleFigures(nodes, last.endpoints() * TIMES, line.at(ScaleFigures::attachAllSeconds), line.at(ScaleFigures::attachMessages),
                line.at(ScaleFigures::changeMillis), line.at(ScaleFigures::changeMillisWorst), line.at(ScaleFigures::changeMessages),
                line.at(ScaleFigures::changeBytes), line.at(ScaleFigures::deathSeconds), line.at(ScaleFigures::leaderSeconds),
                line.at(ScaleFigures::idleMessages), line.at(ScaleFigures::idleBytes), line.at(ScaleFigures::memoryKilobytes));
    }

    private record Line(ScaleFigures before, ScaleFigures last, int nodes) {

        /** Never less than at the last size: what falls by chance does not go on falling. */
        double at(ToDoubleFunction<ScaleFigures> value) {
            double slope = (value.applyAsDouble(last) - value.applyAsDouble(before)) / (last.nodes() - before.nodes());
            return value.applyAsDouble(last) + Math.max(0, slope) * (nodes - last.nodes());
        }
    }
}
