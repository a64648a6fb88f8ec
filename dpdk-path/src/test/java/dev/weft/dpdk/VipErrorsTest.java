package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.IcmpHeader;
import dev.weft.api.wire.Icmpv4;
import dev.weft.api.wire.Icmpv6;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.service.VipFlows;
import dev.weft.dpdk.stage.InnerParse;
import dev.weft.dpdk.stage.VipDispatch;
import dev.weft.dpdk.stage.VipReturn;
import dev.weft.dpdk.table.Tables;
import dev.weft.testing.Packet;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Errors about packets of two flows to a VIP, UDP 1000 to 53 and TCP 1000 to 80, in each family. Frames before and after are each made whole
 * by scapy: its checksums are computed over all bytes, ours by what has changed. Addresses are those of {@link OverlayFixture}.
 */
class VipErrorsTest {

    /** From the client to the VIP. */
    private static final String UDP = "02574500004d020000004d0a0800"
            + "4500001f00010000401165620a4d000a0a4d00c803e80035000b21ed616263";
    private static final String TCP = "02574500004d020000004d0a0800"
            + "4500002e000140004006255e0a4d000a0a4d00c803e800500000000100000000500220004c0b0000616263646566";
    private static final String UDP_6 = "02574500004d020000004d0a86dd"
            + "60000000000b1140fd77000000000000000000000000000afd7700000000000000000000000000c803e80035000b3b976162"
            + "63";
    private static final String TCP_6 = "02574500004d020000004d0a86dd"
            + "60000000001a0640fd77000000000000000000000000000afd7700000000000000000000000000c803e80050000000010000"
            + "00005002200065b50000616263646566";
    /** UDP, from the backend, of the client's packet no more than RFC 792 asks for. */
    private static final String UNREACHABLE = "020000004d0a020000004d0b0800"
            + "4500003800020000400166150a4d000b0a4d000a0303d62a000000004500001f000100004011661f0a4d000a0a4d000b03e8"
            + "0035000b22aa";
    private static final String UNREACHABLE_AT_CLIENT = "020000004d0a02574500004d0800"
            + "4500003800020000400165580a4d00c80a4d000a0303d6e7000000004500001f00010000401165620a4d000a0a4d00c803e8"
            + "0035000b21ed";
    /** TCP, from a router: its MTU is 1300. */
    private static final String TOO_BIG = "020000004d0a020000004d0c0800"
            + "4500004a00020000400166020a4d000c0a4d000a03040cb7000005144500002e000140004006261b0a4d000a0a4d000b03e8"
            + "00500000000100000000501020004cba0000616263646566";
    private static final String TOO_BIG_AT_CLIENT = "020000004d0a020000004d0c0800"
            + "4500004a00020000400166020a4d000c0a4d000a03040d74000005144500002e000140004006255e0a4d000a0a4d00c803e8"
            + "00500000000100000000501020004bfd0000616263646566";
    private static final String WITHOUT_CHECKSUM = "020000004d0a020000004d0b0800"
            + "4500003b00020000400166120a4d000b0a4d000a03033472000000004500001f000100004011661f0a4d000a0a4d000b03e8"
            + "0035000b0000616263";
    private static final String WITHOUT_CHECKSUM_AT_CLIENT = "020000004d0a02574500004d0800"
            + "4500003b00020000400165550a4d00c80a4d000a03033472000000004500001f00010000401165620a4d000a0a4d00c803e8"
            + "0035000b0000616263";
    /** From the client, about answers. */
    private static final String CLIENTS = "02574500004d020000004d0a0800"
            + "4500003b00020000400165550a4d000a0a4d00c803031285000000004500001f00010000401165620a4d00c80a4d000a0035"
            + "03e8000b21ed616263";
    private static final String CLIENTS_AT_BACKEND = "020000004d0b020000004d0a0800"
            + "4500003b00020000400166120a4d000a0a4d000b030311c8000000004500001f000100004011661f0a4d000b0a4d000a0035"
            + "03e8000b22aa616263";
    private static final String CLIENTS_TCP = "02574500004d020000004d0a0800"
            + "4500003800020000400165580a4d000a0a4d00c80304f412000004b04500002e000140004006255e0a4d00c80a4d000a0050"
            + "03e800000001";
    private static final String CLIENTS_TCP_AT_BACKEND = "020000004d0b020000004d0a0800"
            + "4500003800020000400166150a4d000a0a4d000b0304f412000004b04500002e000140004006261b0a4d000b0a4d000a0050"
            + "03e800000001";
    private static final String UNREACHABLE_6 = "020000004d0a020000004d0b86dd"
            + "60000000003b3a40fd77000000000000000000000000000bfd77000000000000000000000000000a01049252000000006000"
            + "0000000b1140fd77000000000000000000000000000afd77000000000000000000000000000b03e80035000b3c54616263";
    private static final String UNREACHABLE_6_AT_CLIENT = "020000004d0a02574500004d86dd"
            + "60000000003b3a40fd7700000000000000000000000000c8fd77000000000000000000000000000a01049195000000006000"
            + "0000000b1140fd77000000000000000000000000000afd7700000000000000000000000000c803e80035000b3b97616263";
    private static final String TOO_BIG_6 = "020000004d0a020000004d0c86dd"
            + "60000000004a3a40fd77000000000000000000000000000cfd77000000000000000000000000000a02009727000005146000"
            + "0000001a0640fd77000000000000000000000000000afd77000000000000000000000000000b03e800500000000100000000"
            + "5010200066640000616263646566";
    private static final String TOO_BIG_6_AT_CLIENT = "020000004d0a020000004d0c86dd"
            + "60000000004a3a40fd77000000000000000000000000000cfd77000000000000000000000000000a02009727000005146000"
            + "0000001a0640fd77000000000000000000000000000afd7700000000000000000000000000c803e800500000000100000000"
            + "5010200065a70000616263646566";
    private static final String CLIENTS_6 = "02574500004d020000004d0a86dd"
            + "6000000000383a40fd77000000000000000000000000000afd7700000000000000000000000000c802009676000005006000"
            + "0000001a0640fd7700000000000000000000000000c8fd77000000000000000000000000000a005003e800000001";
    private static final String CLIENTS_6_AT_BACKEND = "020000004d0b020000004d0a86dd"
            + "6000000000383a40fd77000000000000000000000000000afd77000000000000000000000000000b020097f0000005006000"
            + "0000001a0640fd77000000000000000000000000000bfd77000000000000000000000000000a005003e800000001";

    private static final int IP = EthernetHeader.LENGTH;
    private static final int QUOTE = IP + Ipv4Header.MIN_LENGTH + IcmpHeader.LENGTH;
    private static final int QUOTE_6 = IP + Ipv6Header.LENGTH + IcmpHeader.LENGTH;
    private static final int PORTS = 8;

    private final Tables tables = OverlayFixture.dualStack();
    private final VipFlows flows = new VipFlows(64, () -> 0);
    private final InnerParse parse = new InnerParse();
    private final VipDispatch dispatch = new VipDispatch(flows);
    private final VipReturn restore = new VipReturn(flows);
    private final Burst burst = new Burst();

    @BeforeEach
    void beginFlows() {
        for (String first : new String[] {UDP, TCP, UDP_6, TCP_6}) {
            assertNotEquals(first, through(first), "translated");
        }
    }

    /** What becomes of a frame of the client, or for it. */
    private String through(String frame) {
        MemorySegment memory = Packet.of(frame);
        process(memory);
        return Packet.hex(memory, 0, burst.length[0]);
    }

    private void process(MemorySegment memory) {
        burst.begin(tables, memory, OverlayFixture.ENDPOINT);
        burst.add(0, 0, (int) memory.byteSize());
        parse.process(burst);
        dispatch.process(burst);
        restore.process(burst);
        assertTrue(burst.isOpen(0), "neither answered nor dropped");
    }

    @Test
    void shouldTellTheClientOfThePacketThatItSent() {
        assertEquals(UNREACHABLE_AT_CLIENT, through(UNREACHABLE));
        assertEquals(UNREACHABLE_6_AT_CLIENT, through(UNREACHABLE_6));
    }

    @Test
    void shouldLeaveARouterTheAddressThatItHas() {
        assertEquals(TOO_BIG_AT_CLIENT, through(TOO_BIG));
        assertEquals(TOO_BIG_6_AT_CLIENT, through(TOO_BIG_6));
    }

    @Test
    void shouldLeaveAQuotedUdpPacketWithoutChecksumWithout() {
        assertEquals(WITHOUT_CHECKSUM_AT_CLIENT, through(WITHOUT_CHECKSUM));
    }

    @Test
    void shouldTellTheBackendOfThePacketThatItSent() {
        assertEquals(CLIENTS_AT_BACKEND, through(CLIENTS));
        assertEquals(CLIENTS_TCP_AT_BACKEND, through(CLIENTS_TCP));
        assertEquals(CLIENTS_6_AT_BACKEND, through(CLIENTS_6));
    }

    @Test
    void shouldTranslateEachLengthOfTheQuoteThatShowsThePorts() {
        MemorySegment whole = Packet.of(TOO_BIG);
        for (int length = QUOTE; length <= whole.byteSize(); length++) {
            MemorySegment cut = Packet.truncated(whole, length);
            Ipv4Header.totalLength(cut, IP, length - IP);
            Ipv4Header.fillChecksum(cut, IP);
            Icmpv4.fillChecksum(cut, IP + Ipv4Header.MIN_LENGTH, length - IP - Ipv4Header.MIN_LENGTH);
            String before = Packet.hex(cut, 0, length);
            process(cut);
            if (length < QUOTE + Ipv4Header.MIN_LENGTH + PORTS) {
                assertEquals(before, Packet.hex(cut, 0, length), "cut at " + length);
            } else {
                assertEquals(0x0a4d00c8, Ipv4Header.destination(cut, QUOTE), "cut at " + length);
                assertTrue(Ipv4Header.isChecksumValid(cut, QUOTE) && Icmpv4.isChecksumValid(cut, IP + Ipv4Header.MIN_LENGTH,
                        length - IP - Ipv4Header.MIN_LENGTH), "cut at " + length);
            }
        }
    }

    @Test
    void shouldTranslateEachLengthOfAQuoteOfIpv6ThatShowsThePorts() {
        MemorySegment whole = Packet.of(TOO_BIG_6);
        for (int length = QUOTE_6; length <= whole.byteSize(); length++) {
            MemorySegment cut = Packet.truncated(whole, length);
            int message = length - IP - Ipv6Header.LENGTH;
            Ipv6Header.payloadLength(cut, IP, message);
            Icmpv6.fillChecksum(cut, IP, IP + Ipv6Header.LENGTH, message);
            String before = Packet.hex(cut, 0, length);
            process(cut);
            if (length < QUOTE_6 + Ipv6Header.LENGTH + PORTS) {
                assertEquals(before, Packet.hex(cut, 0, length), "cut at " + length);
            } else {
                assertEquals(0xc8, Ipv6Header.destinationLow(cut, QUOTE_6), "cut at " + length);
                assertTrue(Icmpv6.isChecksumValid(cut, IP, IP + Ipv6Header.LENGTH, message), "cut at " + length);
            }
        }
    }

    @Test
    void shouldLeaveWhatIsAboutNoFlowOfAVip() {
        assertUntouched(changed(UNREACHABLE, QUOTE + 20, 1001), "another port of the client");
        assertUntouched(changed(UNREACHABLE, QUOTE + 22, 54), "another port of the backend");
        assertUntouched(changed(UNREACHABLE, QUOTE + 18, 0x000c), "another backend");
        assertUntouched(changed(UNREACHABLE, QUOTE + 14, 0x000c), "of another client than it is for");
        assertUntouched(changed(CLIENTS, QUOTE + 14, 0x00ca), "of another VIP than it is for");
        assertUntouched(changed(CLIENTS, QUOTE + 20, 54), "another port of the VIP");
    }

    @Test
    void shouldLeaveAQuoteThatIsNone() {
        assertUntouched(changed(UNREACHABLE, QUOTE, 0x5500), "of version 5");
        assertUntouched(changed(UNREACHABLE, QUOTE, 0x4400), "a header of 16 bytes");
        assertUntouched(changed(UNREACHABLE, QUOTE, 0x4f00), "a header that is longer than the quote");
        assertUntouched(changed(UNREACHABLE, QUOTE + 6, 0x0001), "a later fragment");
        assertUntouched(changed(UNREACHABLE, QUOTE + 8, 0x4001), "of ICMP");
        assertUntouched(changed(UNREACHABLE, IP + 20, 0x0000), "an echo reply");
        assertUntouched(changed(UNREACHABLE, IP + 20, 0x0501), "a redirect");
        assertUntouched(changed(UNREACHABLE_6, QUOTE_6, 0x5000), "of version 5");
        assertUntouched(changed(UNREACHABLE_6, QUOTE_6 + 6, 0x2c40), "behind an extension header");
        assertUntouched(changed(UNREACHABLE_6, IP + 40, 0x8100), "an echo reply");
    }

    private void assertUntouched(String frame, String what) {
        assertEquals(frame, through(frame), what);
    }

    /** With another 16-bit word; the error's checksum, which nobody looks at here, is wrong then. */
    private static String changed(String frame, int offset, int word) {
        MemorySegment memory = Packet.of(frame);
        BigEndian.putShort(memory, offset, word);
        return Packet.hex(memory, 0, (int) memory.byteSize());
    }

    @Test
    void shouldLeaveAnErrorThatIsAFragment() {
        MemorySegment fragment = Packet.of(UNREACHABLE);
        BigEndian.putShort(fragment, IP + 6, 0x2000);
        Ipv4Header.fillChecksum(fragment, IP);
        String before = Packet.hex(fragment, 0, (int) fragment.byteSize());
        assertEquals(before, through(before));
    }
}
