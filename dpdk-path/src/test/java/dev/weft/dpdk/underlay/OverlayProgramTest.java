package dev.weft.dpdk.underlay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.testing.Packet;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the program takes and what it leaves to the kernel, which runs it; packets are scapy's. */
@Tag("privileged")
class OverlayProgramTest {

    /** Nothing shorter than Ethernet's header does the kernel run a program over. */
    private static final int SHORTEST = 14;
    private static final int ETHERNET = 14;
    private static final int UDP = 8;
    /** A mark of four zeros instead of an SPI. */
    private static final String IKE_IN_UDP = "000000002e202508" + "00".repeat(28);

    @Test
    void shouldTakeTheOverlaysPacketsAlone() {
        try (ProgramRun ipv4 = new ProgramRun(OverlayProgram.of(UnderlayPackets.ipv4(false), true));
                ProgramRun ipv6 = new ProgramRun(OverlayProgram.of(UnderlayPackets.ipv6(false), true))) {
            assertVerdicts(ipv4, ProgramRun.XDP_REDIRECT, UnderlayPackets.IPV4_TO_A, UnderlayPackets.ESP_IPV4_TO_A,
                    UnderlayPackets.ESP_IN_UDP_IPV4_TO_A);
            assertVerdicts(ipv6, ProgramRun.XDP_REDIRECT, UnderlayPackets.IPV6_TO_A, UnderlayPackets.ESP_IPV6_TO_A,
                    UnderlayPackets.ESP_IN_UDP_IPV6_TO_A);
            String[] others = {UnderlayPackets.IPV4_TO_B, UnderlayPackets.IPV6_TO_B, UnderlayPackets.ESP_IPV4_TO_B, UnderlayPackets.ESP_IPV6_TO_B,
                UnderlayPackets.ESP_IN_UDP_IPV6_TO_B, UnderlayPackets.IPV4_FRAGMENT, UnderlayPackets.IPV6_FRAGMENT,
                UnderlayPackets.ESP_IPV4_FRAGMENT, UnderlayPackets.ESP_IPV6_FRAGMENT, UnderlayPackets.ARP_REQUEST_OF_B,
                UnderlayPackets.ARP_REPLY_OF_B, UnderlayPackets.SOLICITATION_OF_B, UnderlayPackets.ADVERTISEMENT_OF_B,
                UnderlayPackets.ECHO_REQUEST_IPV4, UnderlayPackets.ECHO_REQUEST_IPV6};
            assertVerdicts(ipv4, ProgramRun.XDP_PASS, others);
            assertVerdicts(ipv6, ProgramRun.XDP_PASS, others);
            assertVerdicts(ipv4, ProgramRun.XDP_PASS, UnderlayPackets.IPV6_TO_A);
            assertVerdicts(ipv6, ProgramRun.XDP_PASS, UnderlayPackets.IPV4_TO_A);
        }
    }

    @Test
    void shouldLeaveEspToAKernelThatHasIt() {
        try (ProgramRun ipv4 = new ProgramRun(OverlayProgram.of(UnderlayPackets.ipv4(false), false));
                ProgramRun ipv6 = new ProgramRun(OverlayProgram.of(UnderlayPackets.ipv6(false), false))) {
            assertVerdicts(ipv4, ProgramRun.XDP_REDIRECT, UnderlayPackets.IPV4_TO_A);
            assertVerdicts(ipv6, ProgramRun.XDP_REDIRECT, UnderlayPackets.IPV6_TO_A);
            assertVerdicts(ipv4, ProgramRun.XDP_PASS, UnderlayPackets.ESP_IPV4_TO_A, UnderlayPackets.ESP_IN_UDP_IPV4_TO_A);
            assertVerdicts(ipv6, ProgramRun.XDP_PASS, UnderlayPackets.ESP_IPV6_TO_A, UnderlayPackets.ESP_IN_UDP_IPV6_TO_A);
        }
    }

    /** Each field that is looked at, one bit wrong; and what has options or a tag. */
    @Test
    void shouldLookAtEveryField() {
        assertFields(UnderlayPackets.ipv4(false), UnderlayPackets.IPV4_TO_A, 20, List.of(12, 13, 14, 20, 21, 23, 30, 31, 32, 33, 36, 37));
        assertFields(UnderlayPackets.ipv6(false), UnderlayPackets.IPV6_TO_A, 40, List.of(12, 13, 14, 20, 38, 39, 40, 41, 42, 43, 44, 45,
                46, 47, 48, 49, 50, 51, 52, 53, 56, 57));
    }

    private static void assertFields(Underlay underlay, String vxlan, int ip, List<Integer> looked) {
        try (ProgramRun run = new ProgramRun(OverlayProgram.of(underlay, true))) {
            for (int i = 0; i < ETHERNET + ip + UDP; i++) {
                byte[] changed = Packet.bytes(vxlan);
                changed[i] ^= 0x10;
                assertEquals(looked.contains(i) ? ProgramRun.XDP_PASS : ProgramRun.XDP_REDIRECT, run.verdict(changed), "byte " + i + " changed");
            }
            assertEquals(ProgramRun.XDP_PASS, run.verdict(Packet.bytes(vxlan.substring(0, 24) + "81000001" + vxlan.substring(24))));
        }
    }

    @Test
    void shouldLeaveDoNotFragmentAlone() {
        try (ProgramRun run = new ProgramRun(OverlayProgram.of(UnderlayPackets.ipv4(false), true))) {
            byte[] packet = Packet.bytes(UnderlayPackets.IPV4_TO_A);
            packet[20] = 0x40;
            assertEquals(ProgramRun.XDP_REDIRECT, run.verdict(packet));
            packet[20] = 0x20;
            assertEquals(ProgramRun.XDP_PASS, run.verdict(packet));
        }
    }

    @Test
    void shouldLeaveTheKernelsIkeAlone() {
        assertIke(UnderlayPackets.ipv4(false), UnderlayPackets.ESP_IN_UDP_IPV4_TO_A);
        assertIke(UnderlayPackets.ipv6(false), UnderlayPackets.ESP_IN_UDP_IPV6_TO_A);
    }

    private static void assertIke(Underlay underlay, String espInUdp) {
        try (ProgramRun run = new ProgramRun(OverlayProgram.of(underlay, true))) {
            String udp = espInUdp.substring(0, espInUdp.length() - UnderlayPackets.ESP.length());
            assertVerdicts(run, ProgramRun.XDP_REDIRECT, espInUdp);
            assertVerdicts(run, ProgramRun.XDP_PASS, udp + IKE_IN_UDP);
        }
    }

    /** A header that is there whole is enough; what is behind it the pipeline looks at. */
    @Test
    void shouldLetPassWhatIsTooShort() {
        assertTruncated(UnderlayPackets.ipv4(false), UnderlayPackets.IPV4_TO_A, 20, 0);
        assertTruncated(UnderlayPackets.ipv4(false), UnderlayPackets.ESP_IPV4_TO_A, 20, 0);
        assertTruncated(UnderlayPackets.ipv4(false), UnderlayPackets.ESP_IN_UDP_IPV4_TO_A, 20, 4);
        assertTruncated(UnderlayPackets.ipv6(false), UnderlayPackets.IPV6_TO_A, 40, 0);
        assertTruncated(UnderlayPackets.ipv6(false), UnderlayPackets.ESP_IPV6_TO_A, 40, 0);
        assertTruncated(UnderlayPackets.ipv6(false), UnderlayPackets.ESP_IN_UDP_IPV6_TO_A, 40, 4);
    }

    private static void assertTruncated(Underlay underlay, String packet, int ip, int more) {
        byte[] whole = Packet.bytes(packet);
        int enough = ETHERNET + ip + UDP + more;
        try (ProgramRun run = new ProgramRun(OverlayProgram.of(underlay, true))) {
            for (int length = SHORTEST; length <= whole.length; length++) {
                assertEquals(length < enough ? ProgramRun.XDP_PASS : ProgramRun.XDP_REDIRECT, run.verdict(Arrays.copyOf(whole, length)),
                        "the first " + length + " bytes of " + packet);
            }
        }
    }

    private static void assertVerdicts(ProgramRun run, int expected, String... packets) {
        for (String packet : packets) {
            assertEquals(expected, run.verdict(Packet.bytes(packet)), packet);
        }
    }

    /** The program of 192.0.2.1 as it is loaded, in clear: the shortest of them. */
    @Test
    void shouldBeTheseInstructions() {
        assertArrayEquals(new long[] {
            0x00000000_0000_16bfL, 0x00000000_0000_6261L, 0x00000000_0004_6361L, // r6 = context, r2 = data, r3 = its end
            0x00000000_0000_24bfL, 0x0000002a_0000_0407L, 0x00000000_0015_342dL, // 42 bytes are there
            0x00000000_000c_2569L, 0x00000008_0013_0555L, // IPv4
            0x00000000_000e_2571L, 0x00000045_0011_0555L, // no options
            0x00000000_0014_2569L, 0x0000ff3f_0000_0557L, 0x00000000_000e_0555L, // no fragment
            0x00000000_001e_2561L, 0x010200c0_000c_0556L, // to 192.0.2.1
            0x00000000_0017_2571L, 0x00000011_000a_0555L, // UDP
            0x00000000_0024_2569L, 0x0000b512_0002_0515L, 0x00000002_0000_00b7L, 0x95L, // to 4789, or pass
            0x00000000_0000_0118L, 0, 0x00000000_0010_6261L, 0x00000002_0000_03b7L, 0x00000033_0000_0085L, 0x95L, // to the queue's socket
            0x00000002_0000_00b7L, 0x95L // pass
        }, OverlayProgram.of(UnderlayPackets.ipv4(false), false).instructions());
    }
}
