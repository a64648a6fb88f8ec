package dev.weft.ffm.libc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.NetworkInterface;
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
        assertArrayEquals(new int[0], PacketSockets.boundTo(loopback, before));
    }
}
