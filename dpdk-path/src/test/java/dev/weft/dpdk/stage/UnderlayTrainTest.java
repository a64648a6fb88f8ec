package dev.weft.dpdk.stage;

import static dev.weft.dpdk.underlay.UnderlayPackets.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.counter.DropReason;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Wire;
import dev.weft.dpdk.table.Tables;
import dev.weft.dpdk.underlay.NextHopTable;
import dev.weft.dpdk.underlay.RouteTable;
import dev.weft.dpdk.underlay.UnderlayPackets;
import dev.weft.testing.Packet;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The short way says of each packet what the long way says of it: alone in a burst it takes the long one, behind another packet the short one. */
class UnderlayTrainTest {

    private static final int UPLINK = 5;
    private static final Tables TABLES = UnderlayTables.with(IPV4_A, IPV4_B);
    private static final List<String> PACKETS = List.of(IPV4_TO_A, UnderlayPackets.ESP_IPV4_TO_A, UnderlayPackets.ESP_IN_UDP_IPV4_TO_A);

    @Test
    void shouldStripEachKindBehindEachOther() {
        for (String first : PACKETS) {
            for (String second : PACKETS) {
                Burst burst = process(first, second, first);

                assertTrue(burst.isOpen(0) && burst.isOpen(1) && burst.isOpen(2), first + " " + second);
                assertEquals(burst.wire[0], burst.wire[2]);
                assertEquals(wire(second), burst.wire[1]);
                assertEquals(second.equals(IPV4_TO_A) ? VXLAN : UnderlayPackets.ESP, Packet.hex(burst.memory(), burst.offset[1], burst.length[1]));
                assertEquals(IPV4_B, TABLES.vteps().get(burst.peer[1]));
            }
        }
    }

    private static int wire(String packet) {
        return packet.equals(IPV4_TO_A) ? Wire.VXLAN : packet.equals(UnderlayPackets.ESP_IPV4_TO_A) ? Wire.ESP : Wire.ESP_IN_UDP;
    }

    @Test
    void shouldRefuseEveryTruncation() {
        for (String packet : PACKETS) {
            for (int length = 0; length < packet.length(); length += 2) {
                assertAsAlone(packet, Packet.bytes(packet.substring(0, length)));
            }
        }
    }

    /** Each byte of the headers, with each of its bits turned over, and the IPv4 checksum made right again or not. */
    @Test
    void shouldFindEveryDamage() {
        for (String packet : PACKETS) {
            for (int at = 0; at < 42; at++) {
                for (int bit = 0; bit < Byte.SIZE; bit++) {
                    byte[] damaged = Packet.bytes(packet);
                    damaged[at] ^= (byte) (1 << bit);
                    assertAsAlone(packet, damaged);
                    assertAsAlone(packet, withChecksum(damaged));
                }
            }
        }
    }

    /** Fixed seed. */
    @Test
    void shouldDecideOnEveryMutationAsAlone() {
        Random random = new Random(7348);
        for (int run = 0; run < 100_000; run++) {
            byte[] original = Packet.bytes(PACKETS.get(random.nextInt(PACKETS.size())));
            byte[] mutated = Arrays.copyOf(original, random.nextInt(4) == 0 ? random.nextInt(original.length + 1) : original.length);
            for (int flips = random.nextInt(4); flips > 0 && mutated.length > 0; flips--) {
                mutated[random.nextInt(Math.min(mutated.length, 46))] = (byte) random.nextInt();
            }
            assertAsAlone(PACKETS.get(random.nextInt(PACKETS.size())), random.nextBoolean() ? withChecksum(mutated) : mutated);
        }
    }

    /** Of a header of twenty bytes, RFC 1071. */
    private static byte[] withChecksum(byte[] packet) {
        if (packet.length >= 34) {
            packet[24] = 0;
            packet[25] = 0;
            int sum = 0;
            for (int at = 14; at < 34; at += 2) {
                sum += (packet[at] & 0xff) << 8 | packet[at + 1] & 0xff;
            }
            sum = (sum & 0xffff) + (sum >>> 16);
            sum = ~((sum & 0xffff) + (sum >>> 16));
            packet[24] = (byte) (sum >>> 8);
            packet[25] = (byte) sum;
        }
        return packet;
    }

    private static void assertAsAlone(String leader, byte[] packet) {
        byte[] first = Packet.bytes(leader);
        Burst train = process(first, packet);
        Burst alone = process(packet);
        String said = leader + " " + HexFormat.of().formatHex(packet);
        assertEquals(alone.isOpen(0), train.isOpen(1), said);
        if (alone.isOpen(0)) {
            assertEquals(alone.offset[0] + first.length, train.offset[1], said);
            assertEquals(alone.length[0], train.length[1], said);
            assertEquals(alone.wire[0], train.wire[1], said);
            assertEquals(alone.peer[0], train.peer[1], said);
        } else {
            assertEquals(DropReason.values()[alone.reason(0)], DropReason.values()[train.reason(1)], said);
        }
    }

    private static Burst process(String... packets) {
        return process(Arrays.stream(packets).map(Packet::bytes).toArray(byte[][]::new));
    }

    /** One behind the other, in memory that ends with the last one: reading on throws. The kernel answers, so nothing is written. */
    private static Burst process(byte[]... packets) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        Arrays.stream(packets).forEach(all::writeBytes);
        Burst burst = new Burst();
        burst.begin(TABLES, Packet.at(0, all.toByteArray()), UPLINK);
        int at = 0;
        for (byte[] packet : packets) {
            burst.add(0, at, packet.length);
            at += packet.length;
        }
        new UnderlayParse(ipv4(false), new NextHopTable(RouteTable.ON_LINK), () -> 0).process(burst);
        return burst;
    }
}
