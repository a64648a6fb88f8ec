package dev.weft.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.LoadBalancing;
import dev.weft.api.path.ServiceState;
import dev.weft.api.path.Spread;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WalkTest {

    private static final List<InetAddress> BACKENDS = List.of(InetAddress.ofLiteral("10.0.0.11"), InetAddress.ofLiteral("10.0.0.12"));

    private final Map<InetAddress, Integer> open = new HashMap<>();
    private long begun;

    private static ServiceState service(Integer... weights) {
        Spread least = new Spread(LoadBalancing.LEAST_CONNECTIONS, false, List.of(weights));
        return new ServiceState("web", InetAddress.ofLiteral("10.0.0.200"), BACKENDS, least);
    }

    private Walk walk(ServiceState service, long recently) {
        return Walk.of(service, this::count, begun, recently);
    }

    private int count(InetAddress backend) {
        return open.getOrDefault(backend, 0);
    }

    private void begin(int backend) {
        begun++;
        open.merge(BACKENDS.get(backend), 1, Integer::sum);
    }

    private void end(int backend) {
        open.merge(BACKENDS.get(backend), -1, Integer::sum);
    }

    @Test
    void shouldBeGoodWhileConnectionsBeginAsItHasThem() {
        begin(0);
        begin(0);
        Walk walk = walk(service(), 0);
        assertArrayEquals(new int[] {1, 1, 0, 1}, Arrays.copyOf(walk.sequence(), 4));
        for (int i = 0; i < 32; i++) {
            assertTrue(walk.isGood(service(), this::count, begun), i + " have begun");
            begin(walk.sequence()[i]);
        }
        assertTrue(walk.isGood(service(), this::count, begun));
        begin(walk.sequence()[32]);
        assertFalse(walk.isGood(service(), this::count, begun), "less than half is left");
    }

    @Test
    void shouldBeGoodNoMoreWhenAConnectionEndsOrGoesElsewhere() {
        begin(0);
        begin(1);
        Walk walk = walk(service(), 0);
        end(1);
        assertFalse(walk.isGood(service(), this::count, begun));
        begin(1);
        assertFalse(walk.isGood(service(), this::count, begun), "the sequence has the other one first");
        assertTrue(walk(service(), 0).isGood(service(), this::count, begun));
    }

    /** Or short connections, one after the other, would all get the first backend. */
    @Test
    void shouldBeginWithAnotherOneOfThoseThatAreEqualEachTime() {
        assertEquals(0, walk(service(), 0).sequence()[0]);
        begin(0);
        end(0);
        assertEquals(1, walk(service(), 0).sequence()[0]);
        begin(1);
        end(1);
        assertEquals(0, walk(service(), 0).sequence()[0]);
    }

    @Test
    void shouldLastForMoreThanTwiceWhatHasBegunAndGiveEverybodyHisWeight() {
        assertEquals(64, walk(service(), 0).sequence().length);
        assertEquals(300, walk(service(), 100).sequence().length);
        assertEquals(4096, walk(service(), 1_000_000).sequence().length);
        assertEquals(5000, walk(service(2000, 3000), 0).sequence().length);
    }
}
