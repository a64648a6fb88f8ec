package dev.weft.api.path;

import java.util.PriorityQueue;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * Backends in the order in which new connections would get them, were each given to the one with the fewest for its weight, and did all
 * stay open: as water fills a vessel, the lowest first, and then all by their weights. Pure.
 *
 * <pre>
 *   open 4, 1, 2      1  1  2  1  2  | 0  1  2  0  1  2 ...
 *   of equal weight    to 4, 4, 4      then by turns
 * </pre>
 */
final class LeastConnections {

    private LeastConnections() {
    }

    /** See {@link Spread#sequence}. @param weight of each backend, by its position; one of weight 0 gets none */
    static int[] sequence(int[] open, IntUnaryOperator weight, int first, int length) {
        int[] filled = open.clone();
        // filled / weight < filled / weight, without dividing
        PriorityQueue<Integer> lowest = new PriorityQueue<>((one, other) -> {
            int order = Long.compare((long) filled[one] * weight.applyAsInt(other), (long) filled[other] * weight.applyAsInt(one));
            return order != 0 ? order : Integer.compare(Math.floorMod(one - first, open.length), Math.floorMod(other - first, open.length));
        });
        IntStream.range(0, open.length).filter(backend -> weight.applyAsInt(backend) > 0).forEach(lowest::add);
        int[] sequence = new int[lowest.isEmpty() ? 0 : length];
        for (int slot = 0; slot < sequence.length; slot++) {
            int backend = lowest.remove();
            sequence[slot] = backend;
            filled[backend]++;
            lowest.add(backend);
        }
        return sequence;
    }
}
