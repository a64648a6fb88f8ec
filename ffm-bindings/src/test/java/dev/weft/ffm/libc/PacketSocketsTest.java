package dev.weft.ffm.libc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.NetworkInterface;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A real packet socket at the loopback interface. */
@Tag("privileged")
class PacketSocketsTest {

    @Test
    void shouldFindASocketThatIsNewAtAnInterfaceAndForgetItWhenItIsClosed() throws Exception {
        int loopback = NetworkInterface.getByName("lo").getIndex();
        int[] before = PacketSockets.boundTo(loopback);
        try (PacketCapture _ = PacketCapture.open("lo")) {
            int[] found = PacketSockets.boundTo(loopback, before);
            assertEquals(1, found.length, () -> Arrays.toString(found));
            assertArrayEquals(new int[0], PacketSockets.boundTo(loopback, PacketSockets.boundTo(loopback)));
            assertEquals(0, Arrays.stream(PacketSockets.boundTo(loopback + 100_000)).count());
        }
        // A process that another thread is just starting has the socket, too, until it runs.
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (PacketSockets.boundTo(loopback, before).length > 0) {
            assertTrue(System.nanoTime() - end < 0, () -> Arrays.toString(PacketSockets.boundTo(loopback, before)));
        }
    }
}
