package dev.weft.dpdk.stage;

import static dev.weft.dpdk.underlay.UnderlayPackets.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.counter.DropReason;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Wire;
import dev.weft.dpdk.port.Ports;
import dev.weft.dpdk.table.Tables;
import dev.weft.dpdk.underlay.NextHopTable;
import dev.weft.dpdk.underlay.RouteTable;
import dev.weft.dpdk.underlay.Underlay;
import dev.weft.dpdk.underlay.UnderlayPackets;
import dev.weft.dpdk.underlay.VtepOwner;
import dev.weft.testing.Packet;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UnderlayParseTest {

    private static final int UPLINK = 5;
    /** In front of each packet, so that offsets are not zero by luck. */
    private static final int SHIFT = 3;
    /** A neighbour advertisement: it may be longer than the question, and buffers have room for it. */
    private static final int LONGEST_ANSWER = 86;
    private static final Tables IPV4 = UnderlayTables.with(IPV4_A, IPV4_B);
    private static final Tables IPV6 = UnderlayTables.with(IPV6_A, IPV6_B);

    private final NextHopTable nextHops = new NextHopTable(RouteTable.ON_LINK);
    private final Burst burst = new Burst();

    @Test
    void shouldStripOverlayPacketsToTheirPayload() {
        for (boolean owns : new boolean[] {true, false}) {
            assertStripped(ipv4(owns), IPV4, IPV4_TO_A);
            assertStripped(ipv6(owns), IPV6, IPV6_TO_A);
        }
    }

    @Test
    void shouldAcceptNoUdpChecksumAndTheBareSumOfThePseudoHeader() {
        assertStripped(ipv4(false), IPV4, IPV4_TO_A.replace("003d28ce", "003d0000"));
        assertStripped(ipv6(false), IPV6, IPV6_TO_A.replace("003d514a", "003d0000"));
        // What veth hands over of a sender that left the checksum to the hardware (computed by hand, RFC 768).
        assertStripped(ipv4(false), IPV4, IPV4_TO_A.replace("003d28ce", "003d8452"));
    }

    @Test
    void shouldStripWhatEthernetPadsAndWhatIpHasBehindUdp() {
        assertStripped(ipv4(false), IPV4, IPV4_TO_A + "000000000000");
    }

    @Test
    void shouldNotKnowTheVtepOfAStranger() {
        process(ipv4(false), UnderlayTables.with(IPV4_A), IPV4_TO_A);

        assertTrue(burst.isOpen(0));
        assertEquals(Burst.NONE, burst.peer[0]);
    }

    @Test
    void shouldFindDamage() {
        assertDropped(DropReason.BAD_CHECKSUM, ipv4(false), IPV4_TO_A.replace("f691", "f692"));
        assertDropped(DropReason.MALFORMED, ipv4(false), IPV4_TO_A.replace("080045", "080055"));
        assertDropped(DropReason.MALFORMED, ipv6(false), IPV6_TO_A.replace("86dd60", "86dd40"));
        assertDropped(DropReason.FRAGMENT, ipv4(false), IPV4_FRAGMENT);
        assertDropped(DropReason.FRAGMENT, ipv6(false), IPV6_FRAGMENT);
    }

    @Test
    void shouldRefuseEveryTruncation() {
        for (String packet : List.of(IPV4_TO_A, ARP_REQUEST_OF_B, ECHO_REQUEST_IPV4)) {
            for (int length = 0; length < packet.length(); length += 2) {
                assertDropped(DropReason.TRUNCATED, ipv4(true), packet.substring(0, length));
            }
        }
        for (String packet : List.of(IPV6_TO_A, SOLICITATION_OF_B, ADVERTISEMENT_OF_B, ECHO_REQUEST_IPV6)) {
            for (int length = 0; length < packet.length(); length += 2) {
                assertDropped(DropReason.TRUNCATED, ipv6(true), packet.substring(0, length));
            }
        }
    }

    @Test
    void shouldLeaveToOthersWhatIsTheirs() {
        assertDropped(DropReason.NOT_FOR_US, ipv4(true), IPV4_TO_B);
        assertDropped(DropReason.NOT_FOR_US, ipv4(true), IPV4_TO_A.replace("12b5003d28ce", "12b6003d28cd"));
        assertDropped(DropReason.NOT_FOR_US, ipv4(true), IPV6_TO_A);
        assertDropped(DropReason.NOT_FOR_US, ipv6(true), IPV4_TO_A);
        assertDropped(DropReason.UNSERVED_PROTOCOL, ipv4(true), IPV4_TO_A.replaceFirst("0800", "88cc"));
    }

    @Test
    void shouldAnswerForItsOwnAddress() {
        assertAnswered(ipv4(true), ARP_REQUEST_OF_B, ARP_REPLY_OF_A);
        assertAnswered(ipv4(true), ECHO_REQUEST_IPV4, ECHO_REPLY_IPV4);
        assertAnswered(ipv6(true), SOLICITATION_OF_B, ADVERTISEMENT_OF_A);
        assertAnswered(ipv6(true), DUPLICATE_ADDRESS_CHECK, ADVERTISEMENT_TO_ALL);
        assertAnswered(ipv6(true), ECHO_REQUEST_IPV6, ECHO_REPLY_IPV6);
    }

    @Test
    void shouldNotAnswerBesideTheKernel() {
        assertDropped(DropReason.NOT_FOR_US, ipv4(false), ECHO_REQUEST_IPV4);
        assertDropped(DropReason.NOT_FOR_US, ipv6(false), ECHO_REQUEST_IPV6);
        assertDropped(DropReason.NOT_FOR_US, ipv6(false), DUPLICATE_ADDRESS_CHECK);
        assertDropped(DropReason.CONSUMED, ipv4(false), ARP_REQUEST_OF_B);
        assertDropped(DropReason.CONSUMED, ipv6(false), SOLICITATION_OF_B);
    }

    @Test
    void shouldHandToAKernelBehindItWhatIsNotTheOverlays() {
        Underlay kernelBehind4 = ipv4(VtepOwner.KERNEL_BEHIND);
        Underlay kernelBehind6 = ipv6(VtepOwner.KERNEL_BEHIND);
        String otherPort = IPV4_TO_A.replace("12b5003d28ce", "12b6003d28cd");
        for (String packet : List.of(ECHO_REQUEST_IPV4, ARP_REQUEST_OF_B, ARP_REPLY_OF_B, otherPort, IPV4_FRAGMENT, ESP_IPV4_FRAGMENT, IPV6_TO_A,
                SOLICITATION_OF_B, IPV4_TO_A.replaceFirst("0800", "88cc"))) {
            assertPunted(kernelBehind4, packet);
        }
        for (String packet : List.of(ECHO_REQUEST_IPV6, SOLICITATION_OF_B, ADVERTISEMENT_OF_B, DUPLICATE_ADDRESS_CHECK, IPV6_FRAGMENT,
                ESP_IPV6_FRAGMENT, IPV4_TO_A)) {
            assertPunted(kernelBehind6, packet);
        }
        assertStripped(kernelBehind4, IPV4, IPV4_TO_A);
        assertStripped(kernelBehind6, IPV6, IPV6_TO_A);
        assertDropped(DropReason.BAD_CHECKSUM, kernelBehind4, IPV4_TO_A.replace("f691", "f692"));
        assertDropped(DropReason.TRUNCATED, kernelBehind6, SOLICITATION_OF_B.substring(0, 100));
        assertDropped(DropReason.NOT_FOR_US, kernelBehind4, ECHO_REQUEST_IPV4.replaceFirst("0242c0000201", "0242c0000207"));
        assertEquals(MAC_B.value(), learned(kernelBehind4, IPV4, ARP_REPLY_OF_B));
    }

    private void assertPunted(Underlay underlay, String packet) {
        process(underlay, underlay.isIpv4() ? IPV4 : IPV6, packet);

        assertTrue(burst.isSend(0), packet);
        assertEquals(Ports.KERNEL, burst.outPort[0]);
        assertEquals(packet, Packet.hex(burst.memory(), burst.offset[0], burst.length[0]));
    }

    @Test
    void shouldNotAnswerDamagedQuestions() {
        assertDropped(DropReason.BAD_CHECKSUM, ipv4(true), ECHO_REQUEST_IPV4.replace("b3b5", "b3b6"));
        assertDropped(DropReason.BAD_CHECKSUM, ipv6(true), ECHO_REQUEST_IPV6.replace("dfe5", "dfe6"));
        assertDropped(DropReason.BAD_CHECKSUM, ipv6(true), SOLICITATION_OF_B.replace("59d1", "59d2"));
        assertDropped(DropReason.MALFORMED, ipv6(true), SOLICITATION_OF_B.replace("3aff", "3afe"));
        assertDropped(DropReason.MALFORMED, ipv4(true), ARP_REQUEST_OF_B.replace("00010800", "00020800"));
    }

    @Test
    void shouldAnswerNoEchoThatWasSentToAllOrByAGroup() {
        for (String group : List.of("ffffffffffff0242c0000202", "0242c0000201ffffffffffff", "333300000001333300000001")) {
            assertDropped(DropReason.NOT_FOR_US, ipv4(true), group + ECHO_REQUEST_IPV4.substring(group.length()));
            assertDropped(DropReason.NOT_FOR_US, ipv6(true), group + ECHO_REQUEST_IPV6.substring(group.length()));
        }
    }

    @Test
    void shouldStripEspToItsHeaderAndSayHowItCame() {
        assertEsp(ipv4(true), IPV4, UnderlayPackets.ESP_IPV4_TO_A, Wire.ESP);
        assertEsp(ipv6(true), IPV6, UnderlayPackets.ESP_IPV6_TO_A, Wire.ESP);
        assertEsp(ipv4(false), IPV4, UnderlayPackets.ESP_IN_UDP_IPV4_TO_A, Wire.ESP_IN_UDP);
        assertEsp(ipv6(false), IPV6, UnderlayPackets.ESP_IN_UDP_IPV6_TO_A, Wire.ESP_IN_UDP);
        assertDropped(DropReason.FRAGMENT, ipv4(true), UnderlayPackets.ESP_IPV4_FRAGMENT);
        assertDropped(DropReason.FRAGMENT, ipv6(true), UnderlayPackets.ESP_IPV6_FRAGMENT);
        assertDropped(DropReason.NOT_FOR_US, ipv4(true), UnderlayPackets.ESP_IPV4_TO_B.replace("0242c0000202", "0242c0000201"));
    }

    private void assertEsp(Underlay underlay, Tables tables, String packet, int wire) {
        process(underlay, tables, packet);
        assertTrue(burst.isOpen(0), () -> "dropped as " + DropReason.values()[burst.reason(0)]);
        assertEquals(UnderlayPackets.ESP, Packet.hex(burst.memory(), burst.offset[0], burst.length[0]));
        assertEquals(wire, burst.wire[0]);
        assertEquals(underlay.isIpv4() ? IPV4_B : IPV6_B, tables.vteps().get(burst.peer[0]));
    }

    @Test
    void shouldLearnNextHopsFromQuestionsAndAnswers() {
        for (String packet : List.of(ARP_REPLY_OF_B, ARP_REQUEST_OF_B)) {
            assertEquals(MAC_B.value(), learned(ipv4(false), IPV4, packet));
        }
        for (String packet : List.of(ADVERTISEMENT_OF_B, SOLICITATION_OF_B)) {
            assertEquals(MAC_B.value(), learned(ipv6(false), IPV6, packet));
        }
        assertEquals(NextHopTable.UNRESOLVED, learned(ipv4(false), IPV4, IPV4_TO_A));
    }

    private static long learned(Underlay underlay, Tables tables, String packet) {
        NextHopTable table = new NextHopTable(RouteTable.ON_LINK);
        Burst one = new Burst();
        one.begin(tables, Packet.of(packet), UPLINK);
        one.add(0, 0, packet.length() / 2);
        new UnderlayParse(underlay, table, () -> 0).process(one);
        return table.mac(tables.vteps().indexOf(underlay.isIpv4() ? IPV4_B : IPV6_B));
    }

    /** Fixed seed; whatever comes in, each packet is answered, dropped, or stripped to something inside its buffer. */
    @Test
    void shouldDecideOnEveryMutation() {
        Random random = new Random(7348);
        List<String> seeds = List.of(IPV4_TO_A, IPV6_TO_A, IPV6_FRAGMENT, ARP_REQUEST_OF_B, SOLICITATION_OF_B, ADVERTISEMENT_OF_B,
                ECHO_REQUEST_IPV4, ECHO_REQUEST_IPV6, UnderlayPackets.ESP_IPV4_TO_A, UnderlayPackets.ESP_IN_UDP_IPV6_TO_A);
        for (int run = 0; run < 200_000; run++) {
            byte[] original = Packet.bytes(seeds.get(random.nextInt(seeds.size())));
            byte[] mutated = Arrays.copyOf(original, random.nextInt(4) == 0 ? random.nextInt(original.length + 1) : original.length);
            for (int flips = random.nextInt(4); flips > 0 && mutated.length > 0; flips--) {
                mutated[random.nextInt(Math.min(mutated.length, 80))] = (byte) random.nextInt();
            }
            // An answer may be a little longer than the question; the buffer has room for that, and for no more.
            MemorySegment memory = Packet.at(SHIFT, Arrays.copyOf(mutated, Math.max(mutated.length, LONGEST_ANSWER)));
            begin(run % 2 == 0 ? IPV4 : IPV6, memory, mutated.length);
            new UnderlayParse(run % 2 == 0 ? ipv4(true) : ipv6(true), nextHops, () -> 0).process(burst);
            if (burst.isOpen(0)) {
                assertTrue(burst.offset[0] >= SHIFT && burst.length[0] >= 0 && burst.offset[0] + burst.length[0] <= SHIFT + mutated.length);
            }
        }
    }

    private void assertStripped(Underlay underlay, Tables tables, String packet) {
        process(underlay, tables, packet);

        assertTrue(burst.isOpen(0), () -> "dropped as " + DropReason.values()[burst.reason(0)]);
        assertEquals(VXLAN, Packet.hex(burst.memory(), burst.offset[0], burst.length[0]));
        assertEquals(underlay.isIpv4() ? IPV4_B : IPV6_B, tables.vteps().get(burst.peer[0]));
    }

    private void assertDropped(DropReason reason, Underlay underlay, String packet) {
        process(underlay, underlay.isIpv4() ? IPV4 : IPV6, packet);

        assertFalse(burst.isSend(0), packet);
        assertEquals(reason, DropReason.values()[burst.reason(0)], packet);
    }

    private void assertAnswered(Underlay underlay, String packet, String answer) {
        process(underlay, underlay.isIpv4() ? IPV4 : IPV6, packet, LONGEST_ANSWER);

        assertTrue(burst.isSend(0), () -> "dropped as " + DropReason.values()[burst.reason(0)]);
        assertEquals(UPLINK, burst.outPort[0]);
        assertEquals(answer, Packet.hex(burst.memory(), burst.offset[0], burst.length[0]));
    }

    /** In memory that ends with the packet: reading on throws. */
    private void process(Underlay underlay, Tables tables, String packet) {
        process(underlay, tables, packet, 0);
    }

    private void process(Underlay underlay, Tables tables, String packet, int tailroom) {
        byte[] bytes = Packet.bytes(packet);
        begin(tables, Packet.at(SHIFT, Arrays.copyOf(bytes, bytes.length + tailroom)), bytes.length);
        new UnderlayParse(underlay, nextHops, () -> 0).process(burst);
    }

    private void begin(Tables tables, MemorySegment memory, int length) {
        burst.begin(tables, memory, UPLINK);
        burst.add(0, SHIFT, length);
    }
}
