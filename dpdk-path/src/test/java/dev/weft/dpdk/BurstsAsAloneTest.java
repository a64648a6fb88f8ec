package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cipher;
import dev.weft.api.PipelineSpec;
import dev.weft.api.counter.Counter;
import dev.weft.api.counter.CounterSnapshot;
import dev.weft.api.counter.DropReason;
import dev.weft.api.path.SaLimit;
import dev.weft.api.path.SecurityAssociation;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Poller;
import dev.weft.dpdk.port.ArenaPool;
import dev.weft.dpdk.port.Ports;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * What stages remember from packet to packet, and the short ways that they have for packets like the one before, change nothing: whole bursts of
 * packets, sound, damaged and strange ones between each other, go where each of them goes when it comes alone.
 */
class BurstsAsAloneTest {

    private static final int ROUNDS = 4_000;
    private static final int BUFFERS = 256;
    /** Bytes that are headers in any of the frames. */
    private static final int HEADERS = 120;
    /** Version and IHL of a header without options. */
    private static final byte IPV4 = 0x45;
    private static final int OTHER_SPI = EspPackets.SPI + 1;

    private final SplittableRandom random = new SplittableRandom(20_261_127);

    /** A node in clear, stepped by the test. */
    private static final class Node {
        final ArenaPool pool = new ArenaPool(BUFFERS, 2048);
        final Ports ports = new Ports();
        final WirePort uplink = new WirePort("uplink", pool);
        final WirePort endpoint = new WirePort("endpoint", pool);
        final Poller poller = OverlayFixture.poller(ports, pool, uplink, endpoint, OverlayFixture.tables());

        /** One that has heard where the other VTEP is: when it asks for that depends on the clock. */
        Node() throws IOException {
            take(uplink, List.of(FramePort.frames("inbound.txt").getFirst()));
            uplink.sent.clear();
        }

        void take(WirePort port, List<byte[]> frames) {
            port.incoming.addAll(frames);
            while (poller.step() > 0) {
                continue; // until all has been taken
            }
        }

        Map<String, Long> drops() {
            return BurstsAsAloneTest.drops(ports);
        }
    }

    private static Map<String, Long> drops(Ports ports) {
        Map<String, Long> drops = new TreeMap<>();
        for (Counter counter : new CounterSnapshot(ports.snapshot()).counters()) {
            if (counter.name().startsWith("drop:") && counter.value() > 0) {
                drops.merge(counter.name(), counter.value(), Long::sum);
            }
        }
        return drops;
    }

    @Test
    void shouldDoWithAPacketOutOfAnEndpointAsAlone() throws IOException {
        assertMet(dropsOf(node -> node.endpoint, FramePort.frames("outbound.txt")), DropReason.SPOOFED, DropReason.UNKNOWN_UNICAST,
                DropReason.TRUNCATED, DropReason.MALFORMED);
    }

    @Test
    void shouldDoWithAPacketFromTheUnderlayAsAlone() throws IOException {
        assertMet(dropsOf(node -> node.uplink, FramePort.frames("inbound.txt")), DropReason.SOURCE_MAC_MISMATCH, DropReason.UNKNOWN_VNI,
                DropReason.VNI_FLAG_CLEAR, DropReason.UNKNOWN_VTEP, DropReason.UNKNOWN_UNICAST, DropReason.TRUNCATED, DropReason.BAD_CHECKSUM);
    }

    /** What becomes of bursts that come by a port is the same as alone. @return why packets were dropped, and how many */
    private Map<String, Long> dropsOf(Function<Node, WirePort> port, List<byte[]> from) throws IOException {
        Node together = new Node();
        Node alone = new Node();
        for (int round = 0; round < ROUNDS; round++) {
            List<byte[]> frames = burst(from);
            together.take(port.apply(together), frames);
            frames.forEach(frame -> alone.take(port.apply(alone), List.of(frame)));
            assertSame(alone, together, frames);
        }
        return together.drops();
    }

    /** Of two SAs, some of them twice or late. */
    @Test
    void shouldDoWithASealedPacketAsAlone() {
        try (EspNode sender = new EspNode(1, PipelineSpec.DEFAULT); EspNode together = new EspNode(2, PipelineSpec.DEFAULT);
             EspNode alone = new EspNode(2, PipelineSpec.DEFAULT)) {
            List<byte[]> sealed = sealed(sender);
            together.apply(EspPackets.receiver(sa(EspPackets.SPI), sa(OTHER_SPI)));
            alone.apply(EspPackets.receiver(sa(EspPackets.SPI), sa(OTHER_SPI)));
            for (int from = 0; from + Burst.CAPACITY <= sealed.size(); from += Burst.CAPACITY / 2) {
                List<byte[]> frames = burst(sealed.subList(from, from + Burst.CAPACITY));
                together.uplink.incoming.addAll(frames);
                together.run();
                for (byte[] frame : frames) {
                    alone.uplink.incoming.add(frame);
                    alone.run();
                }
                assertSame(hex(alone.endpoint), hex(together.endpoint), frames);
                assertSame(refused(alone), refused(together), frames);
            }
            assertMet(drops(together.ports()), DropReason.REPLAYED, DropReason.ICV_MISMATCH, DropReason.UNKNOWN_SPI, DropReason.MALFORMED);
        }
    }

    /** What came with a sequence number again is found to be damaged first where both came in one burst. */
    private static Map<String, Long> refused(EspNode node) {
        Map<String, Long> drops = drops(node.ports());
        drops.put("replayed or damaged", node.dropped(DropReason.REPLAYED) + node.dropped(DropReason.ICV_MISMATCH));
        drops.remove("drop:" + DropReason.REPLAYED.label());
        drops.remove("drop:" + DropReason.ICV_MISMATCH.label());
        return drops;
    }

    private static SecurityAssociation sa(int spi) {
        return EspPackets.sa(spi, Cipher.AES_128_GCM, SaLimit.DEFAULT);
    }

    private List<byte[]> sealed(EspNode sender) {
        sender.apply(EspPackets.sender(sa(EspPackets.SPI), false));
        sender.hear(2);
        for (int i = 0; i < ROUNDS; i++) {
            if (random.nextInt(8) == 0) {
                sender.apply(EspPackets.sender(sa(random.nextBoolean() ? EspPackets.SPI : OTHER_SPI), false));
            }
            sender.say(2, random.nextInt(100));
            sender.run();
        }
        return List.copyOf(sender.uplink.sent);
    }

    /** Runs of one frame, mostly as it is. */
    private List<byte[]> burst(List<byte[]> from) {
        List<byte[]> burst = new ArrayList<>();
        int size = 1 + random.nextInt(Burst.CAPACITY);
        int frame = random.nextInt(from.size());
        while (burst.size() < size) {
            frame = random.nextInt(3) == 0 ? random.nextInt(from.size()) : frame;
            burst.add(random.nextInt(4) == 0 ? damaged(from.get(frame)) : from.get(frame));
        }
        return burst;
    }

    private byte[] damaged(byte[] frame) {
        if (random.nextInt(8) == 0) {
            return Arrays.copyOf(frame, random.nextInt(frame.length + 1));
        }
        byte[] damaged = frame.clone();
        damaged[random.nextInt(Math.min(damaged.length, HEADERS))] ^= (byte) (1 << random.nextInt(Byte.SIZE));
        if (random.nextBoolean() && damaged[EthernetHeader.LENGTH] == IPV4) {
            Ipv4Header.fillChecksum(MemorySegment.ofArray(damaged), EthernetHeader.LENGTH); // or next to nothing else would come to light
        }
        return damaged;
    }

    private static void assertSame(Node alone, Node together, List<byte[]> frames) {
        assertSame(hex(alone.endpoint), hex(together.endpoint), frames);
        assertSame(hex(alone.uplink), hex(together.uplink), frames);
        assertSame(alone.drops(), together.drops(), frames);
    }

    private static void assertSame(Object expected, Object actual, List<byte[]> frames) {
        assertEquals(expected, actual, () -> frames.size() + " frames");
    }

    /** What was sent there since the last time. */
    private static List<String> hex(WirePort port) {
        List<String> sent = port.sent.stream().map(HexFormat.of()::formatHex).toList();
        port.sent.clear();
        return sent;
    }

    private static void assertMet(Map<String, Long> drops, DropReason... reasons) {
        for (DropReason reason : reasons) {
            assertTrue(drops.containsKey("drop:" + reason.label()), reason + " was not met, but " + drops);
        }
    }
}
