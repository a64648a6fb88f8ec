package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cipher;
import dev.weft.api.PipelineSpec;
import dev.weft.api.counter.DropReason;
import dev.weft.api.path.SaLimit;
import dev.weft.api.path.SaUsage;
import dev.weft.api.wire.IpProtocol;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * A neighbour on the underlay who sees all packets and sends what it likes, a million times: again, changed, cut, put together from
 * several, from other addresses, with numbers far ahead. It knows no key, so nothing is delivered and no window moves.
 */
class HostileNeighborTest {

    private static final int PACKETS = 1_000_000;
    private static final int BATCH = 500;
    private static final long SEED = 20_261_125;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final EspNode sender = new EspNode(1, PipelineSpec.DEFAULT);
    private final EspNode receiver = new EspNode(2, PipelineSpec.DEFAULT);

    @Test
    void shouldDeliverNothingAndMoveNoWindow() {
        sender.apply(EspPackets.sender(EspPackets.sa(EspPackets.SPI, Cipher.AES_128_GCM, SaLimit.DEFAULT), false));
        receiver.apply(EspPackets.receiver(EspPackets.sa(EspPackets.SPI, Cipher.AES_128_GCM, SaLimit.DEFAULT),
                EspPackets.sa(EspPackets.SPI + 1, Cipher.AES_128_GCM, SaLimit.DEFAULT)));
        sender.hear(2);
        List<byte[]> delivered = sealed(200);
        List<byte[]> withheld = sealed(200);
        receiver.uplink.incoming.addAll(delivered);
        receiver.run();
        assertEquals(delivered.size(), receiver.endpoint.sent.size());
        SaUsage before = receiver.usage(EspPackets.SPI);
        for (int batch = 0; batch < PACKETS / BATCH; batch++) {
            for (int i = 0; i < BATCH; i++) {
                receiver.uplink.incoming.add(hostile(delivered, withheld));
            }
            receiver.run();
        }
        assertEquals(delivered.size(), receiver.endpoint.sent.size());
        assertEquals(before, receiver.usage(EspPackets.SPI));
        assertEquals(0, receiver.usage(EspPackets.SPI + 1).sequence());
        assertEquals(0, receiver.dropped(DropReason.UNFINISHED));
        assertEquals(EspNode.BUFFERS, receiver.available());
        for (DropReason reason : List.of(DropReason.REPLAYED, DropReason.ICV_MISMATCH, DropReason.UNKNOWN_SPI, DropReason.TRUNCATED,
                DropReason.MALFORMED, DropReason.CLEAR_TEXT)) {
            assertTrue(receiver.dropped(reason) > PACKETS / 100, reason + " was met");
        }
        receiver.uplink.incoming.addAll(withheld);
        receiver.run();
        assertEquals(delivered.size() + withheld.size(), receiver.endpoint.sent.size(), "and what it withheld is still welcome");
    }

    private List<byte[]> sealed(int count) {
        sender.uplink.sent.clear();
        for (int i = 0; i < count; i++) {
            sender.say(2, random.nextInt(120));
        }
        sender.run();
        return List.copyOf(sender.uplink.sent);
    }

    private byte[] hostile(List<byte[]> delivered, List<byte[]> withheld) {
        byte[] good = withheld.get(random.nextInt(withheld.size()));
        byte[] esp = EspPackets.payload(good);
        byte[] other = EspPackets.payload(withheld.get(random.nextInt(withheld.size())));
        return switch (random.nextInt(10)) {
            case 0 -> delivered.get(random.nextInt(delivered.size()));
            case 1 -> EspPackets.flipped(good, EspPackets.ESP * 8 + random.nextInt(esp.length * 8));
            case 2 -> EspPackets.withPayload(good, Arrays.copyOf(esp, random.nextInt(esp.length)));
            case 3 -> EspPackets.withPayload(good, Arrays.copyOf(esp, esp.length + 1 + random.nextInt(40)));
            case 4 -> EspPackets.withPayload(good, spliced(esp, other));
            case 5 -> EspPackets.from(good, random.nextBoolean() ? 3 : 200);
            case 6 -> EspPackets.withSequence(good, random.nextInt());
            case 7 -> EspPackets.withPayload(good, withSpi(random(36 + 4 * random.nextInt(30)), random.nextInt(3)));
            case 8 -> inClear(good, random(8 + random.nextInt(60)));
            default -> EspPackets.withPayload(good, withSpi(esp, 1));
        };
    }

    /** The beginning of one and the end of another, never a packet that exists. */
    private byte[] spliced(byte[] one, byte[] other) {
        if (Arrays.equals(one, other)) {
            return EspPackets.payload(EspPackets.flipped(EspPackets.withPayload(new byte[EspPackets.ESP], one), EspPackets.ESP * 8 + 200));
        }
        int cut = 4 + random.nextInt(Math.min(one.length, other.length) - 20);
        byte[] both = Arrays.copyOf(one, cut + Math.max(0, other.length - cut));
        System.arraycopy(other, Math.min(cut, other.length), both, cut, both.length - cut);
        // Cut before the number it would be the other one as a whole: all of its bytes but the SPI, which they share.
        if (Arrays.equals(both, other) || Arrays.equals(both, one)) {
            both[both.length - 1] ^= 1;
        }
        return both;
    }

    private byte[] random(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] withSpi(byte[] esp, int offset) {
        byte[] changed = esp.clone();
        changed[0] = 0;
        changed[1] = 0;
        changed[2] = (byte) (EspPackets.SPI >>> 8);
        changed[3] = (byte) (EspPackets.SPI + offset);
        return changed;
    }

    /** VXLAN of the network to port 4789, or to the port of ESP in UDP. */
    private byte[] inClear(byte[] frame, byte[] inner) {
        int port = random.nextInt(4) == 0 ? 4500 : 4789;
        int length = 16 + inner.length;
        byte[] header = {(byte) 0xc0, 0, (byte) (port >>> 8), (byte) port, (byte) (length >>> 8), (byte) length, 0, 0,
            8, 0, 0, 0, 0, 0, EspNode.VNI, 0};
        byte[] payload = Arrays.copyOf(header, length);
        System.arraycopy(inner, 0, payload, header.length, inner.length);
        byte[] changed = frame.clone();
        changed[23] = IpProtocol.UDP;
        return EspPackets.withPayload(changed, payload);
    }
}
