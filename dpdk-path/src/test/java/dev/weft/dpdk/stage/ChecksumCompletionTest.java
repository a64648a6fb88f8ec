package dev.weft.dpdk.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.IpProtocol;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.table.Tables;
import dev.weft.testing.Packet;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** Finished packets are scapy's; unfinished ones have what a Linux vxlan device over veth was seen to send: the pseudo header's sum. */
class ChecksumCompletionTest {

    private static final String MACS = "02420a00010302420a000102";
    private static final String ADDRESSES = "fd000001000000000000000000000002fd000001000000000000000000000003";
    private static final String UDP = MACS + "08004500001f00010000401164c90a0001020a000103" + "9c400035000b88fb616263";
    private static final String TCP = MACS + "08004500003c00010000400664b70a0001020a000103"
            + "8235005001020304 00000000 a002faf0ff2f0000010402020405b4080a0000000100000000030307";
    private static final String UDP_IPV6 = MACS + "86dd62eabcde000d1140" + ADDRESSES + "9c400035000d738f6162636431";

    @Test
    void shouldCompleteWhatTheSenderLeftToItsHardware() {
        assertEquals(plain(UDP), completed(UDP.replace("000b88fb", "000b" + "1621"), IpProtocol.UDP, 34));
        assertEquals(plain(TCP), completed(TCP.replace("faf0ff2f", "faf0" + "1633"), IpProtocol.TCP, 34));
        assertEquals(plain(UDP_IPV6), completed(UDP_IPV6.replace("000d738f", "000d" + "fa26"), IpProtocol.UDP, 54));
    }

    /** The sum of a pseudo header is written as it was folded, never as zero, which says that there is no checksum. */
    @Test
    void shouldKnowNoChecksumFromAPseudoHeaderThatSumsToAllOnes() {
        String all = UDP.replace("0a0001020a000103", "0a0001020a00eae1");
        assertEquals(plain(all.replace("000b88fb", "000b0000")), completed(all.replace("000b88fb", "000b0000"), IpProtocol.UDP, 34));
        assertEquals(plain(all.replace("000b88fb", "000b9f1c")), completed(all.replace("000b88fb", "000bffff"), IpProtocol.UDP, 34));
    }

    @Test
    void shouldCompleteBehindIpv4Options() {
        String options = "08004600002300010000401163c80a0001020a00010301010101";
        String packet = UDP.replace("08004500001f00010000401164c90a0001020a000103", options);
        assertEquals(plain(packet), completed(packet.replace("000b88fb", "000b1621"), IpProtocol.UDP, 38));
    }

    @Test
    void shouldLeaveFinishedAndDamagedPacketsAlone() {
        for (String packet : new String[] {UDP, UDP.replace("000b88fb", "000b88fc"), UDP.replace("000b88fb", "000b0000")}) {
            assertEquals(plain(packet), completed(packet, IpProtocol.UDP, 34));
        }
        assertEquals(plain(TCP), completed(TCP, IpProtocol.TCP, 34));
        assertEquals(plain(UDP_IPV6), completed(UDP_IPV6, IpProtocol.UDP, 54));
    }

    @Test
    void shouldLeaveFragmentsAlone() {
        String first = UDP.replace("00010000", "00012000").replace("000b88fb", "000b1621");
        assertEquals(plain(first), completed(first, IpProtocol.UDP, 34));
        String ipv6 = MACS + "86dd6000000000152c40" + ADDRESSES + "1100000100000005" + "9c400035000dfa266162636431";
        assertEquals(plain(ipv6), completed(ipv6, IpProtocol.UDP, 62));
    }

    private static String plain(String packet) {
        return packet.replace(" ", "");
    }

    private static String completed(String packet, int protocol, int l4) {
        MemorySegment memory = Packet.of(packet);
        Burst burst = new Burst();
        burst.begin(Tables.EMPTY, memory, 0);
        burst.add(0, 0, (int) memory.byteSize());
        burst.etherType[0] = EthernetHeader.etherType(memory, 0);
        burst.protocol[0] = protocol;
        burst.l4[0] = l4;
        burst.flows = 1;
        new ChecksumCompletion().process(burst);
        return Packet.hex(memory, 0, (int) memory.byteSize());
    }
}
