package dev.weft.ffm.libc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Of the loopback interface, where each datagram goes by twice: out, and in. Others talk there too. */
@Tag("privileged")
class PacketCaptureTest {

    private static final String MARK = "PacketCaptureTest " + ProcessHandle.current().pid();
    private static final int MANY = 50_000;

    private static void send(int times) throws Exception {
        byte[] text = MARK.getBytes(StandardCharsets.US_ASCII);
        try (DatagramSocket to = new DatagramSocket(0, InetAddress.getLoopbackAddress()); DatagramSocket from = new DatagramSocket()) {
            for (int i = 0; i < times; i++) {
                from.send(new DatagramPacket(text, text.length, to.getLocalSocketAddress()));
            }
        }
    }

    private static int marked(PacketCapture capture) {
        int[] count = new int[1];
        capture.poll(packet -> count[0] += isMarked(packet) ? 1 : 0, Duration.ofMillis(100));
        return count[0];
    }

    private static boolean isMarked(MemorySegment packet) {
        return new String(packet.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1).contains(MARK);
    }

    @Test
    void shouldSeeEachPacketAndSayThatItMissedNone() throws Exception {
        try (PacketCapture capture = PacketCapture.open("lo")) {
            send(10);
            int seen = 0;
            for (long end = System.nanoTime() + Duration.ofSeconds(60).toNanos(); seen < 20 && System.nanoTime() - end < 0;) {
                seen += marked(capture);
            }
            assertEquals(20, seen);
            assertEquals(0, marked(capture), "each once");
            assertEquals(0, capture.missed());
        }
    }

    @Test
    void shouldSayHowManyFoundNoRoom() throws Exception {
        try (PacketCapture capture = PacketCapture.open("lo")) {
            send(MANY);
            long missed = capture.missed();
            int seen = marked(capture);
            assertTrue(missed > 0 && seen > 0 && seen < 2 * MANY && seen + missed >= 2 * MANY, seen + " seen, " + missed + " missed");
            assertTrue(capture.missed() >= missed, "those before count still");
        }
    }
}
