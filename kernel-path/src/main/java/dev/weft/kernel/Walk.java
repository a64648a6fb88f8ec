package dev.weft.kernel;

import dev.weft.api.path.ServiceState;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.function.ToIntFunction;

/**
 * The sequence of backends that new connections to a VIP take one after the other, and what it was made from. Immutable.
 *
 * @param open     connections that each backend had
 * @param begun    how many had ever begun
 * @param sequence positions of backends; the first connection after those takes the first
 */
record Walk(int[] open, long begun, int[] sequence) {

    /** So many, and three times as many as have begun since the last time: it is half used up when it is due again. */
    private static final int LEAST = 64;
    private static final int MOST = 4096;
    private static final int RESERVE = 3;

    /**
     * The best one.
     *
     * @param count    of a backend's open connections
     * @param begun    how many have ever begun
     * @param recently how many since the last time
     */
    static Walk of(ServiceState service, ToIntFunction<InetAddress> count, long begun, long recently) {
        int[] open = service.backends().stream().mapToInt(count).toArray();
        int everybody = service.spread().slots(service.backends()).length;
        int length = Math.max(everybody, Math.clamp(recently * RESERVE, LEAST, MOST));
        return new Walk(open, begun, service.spread().sequence(open, open.length == 0 ? 0 : (int) (begun % open.length), length));
    }

    /** Whether the rest of it is as good as a new one: the connections that have begun since are those that it gave, and none has ended. */
    boolean isGood(ServiceState service, ToIntFunction<InetAddress> count, long begunNow) {
        long taken = begunNow - begun;
        if (taken < 0 || taken > sequence.length / 2) {
            return false;
        }
        int[] expected = open.clone();
        for (int i = 0; i < taken; i++) {
            expected[sequence[i]]++;
        }
        return Arrays.equals(expected, service.backends().stream().mapToInt(count).toArray());
    }
}
