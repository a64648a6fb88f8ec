package dev.weft.api.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.testing.Packet;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InternetChecksumTest {

    /** RFC 1071, 3: the sum is ddf2. */
    @Test
    void shouldAgreeWithTheExampleOfRfc1071() {
        MemorySegment memory = Packet.of("0001 f203 f4f5 f6f7");

        assertEquals(~0xddf2 & 0xffff, InternetChecksum.of(memory, 0, 8));
    }

    /** RFC 1624, 4: header checksum dd2f, a word changes from 5555 to 3285, and the result is 0000 and not ffff. */
    @Test
    void shouldAgreeWithTheExampleOfRfc1624() {
        assertEquals(0x0000, InternetChecksum.update16(0xdd2f, 0x5555, 0x3285));
    }

    @Test
    void shouldPadAnOddLastByteBehind() {
        assertEquals(~(0x0102 + 0x0300) & 0xffff, InternetChecksum.of(Packet.of("010203"), 0, 3));
    }

    @Test
    void shouldSumNothingToAllOnes() {
        assertEquals(0xffff, InternetChecksum.of(Packet.of("00"), 0, 0));
    }

    @Test
    void shouldAgreeWithASumByWordsAtEveryLengthAndAlignment() {
        Random random = new Random(1071);
        for (int length = 0; length <= 130; length++) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            for (int offset = 0; offset < 8; offset++) {
                assertEquals(byWords(bytes), InternetChecksum.of(Packet.at(offset, bytes), offset, length),
                        "length " + length + " at " + offset);
            }
        }
    }

    @Test
    void shouldCarryOutOfTheLargestPacket() {
        byte[] bytes = new byte[65535];
        java.util.Arrays.fill(bytes, (byte) 0xff);

        assertEquals(byWords(bytes), InternetChecksum.of(Packet.at(1, bytes), 1, bytes.length));
    }

    @Test
    void shouldSumTwentyBytesToWhatTheLoopSays() {
        Random random = new Random(791);
        byte[] bytes = new byte[20];
        for (int run = 0; run < 2000; run++) {
            random.nextBytes(bytes);
            Arrays.fill(bytes, 0, run % 21, (byte) (run % 2 == 0 ? 0xff : 0));
            assertEquals(byWords(bytes), InternetChecksum.ofTwenty(Packet.at(run % 8, bytes), run % 8));
        }
    }

    @Test
    void shouldKnowTwentyBytesWhoseChecksumIsZero() {
        Random random = new Random(1071);
        byte[] bytes = new byte[20];
        for (int run = 0; run < 2000; run++) {
            random.nextBytes(bytes);
            Arrays.fill(bytes, 0, run % 19, (byte) (run % 2 == 0 ? 0xff : 0));
            MemorySegment memory = Packet.at(0, bytes);
            assertEquals(byWords(bytes) == 0, isZeroOfTwenty(memory));
            BigEndian.putShort(memory, 18, 0);
            BigEndian.putShort(memory, 18, InternetChecksum.ofTwenty(memory, 0));
            assertTrue(isZeroOfTwenty(memory), Packet.hex(memory, 0, 20));
            BigEndian.putShort(memory, 18, BigEndian.getShort(memory, 18) + 1);
            assertFalse(isZeroOfTwenty(memory), Packet.hex(memory, 0, 20));
        }
        assertFalse(isZeroOfTwenty(Packet.at(0, new byte[20])), "a sum of nothing is complemented to all ones");
    }

    private static boolean isZeroOfTwenty(MemorySegment memory) {
        return InternetChecksum.isZeroOfTwenty(BigEndian.getLong(memory, 0), BigEndian.getLong(memory, 8), BigEndian.getInt(memory, 16));
    }

    @Test
    void shouldUpdateToWhatTheWholeSumSays() {
        Random random = new Random(1624);
        for (int run = 0; run < 2000; run++) {
            byte[] bytes = new byte[40];
            random.nextBytes(bytes);
            MemorySegment memory = Packet.at(0, bytes);
            int before = InternetChecksum.of(memory, 0, 40);
            long[] old = {BigEndian.getLong(memory, 8), BigEndian.getLong(memory, 16)};
            BigEndian.putLong(memory, 8, random.nextLong());
            BigEndian.putLong(memory, 16, random.nextLong());

            int updated = InternetChecksum.update128(before, old[0], old[1], BigEndian.getLong(memory, 8), BigEndian.getLong(memory, 16));
            assertEquals(InternetChecksum.of(memory, 0, 40), updated);

            int word = BigEndian.getInt(memory, 24);
            BigEndian.putInt(memory, 24, random.nextInt());
            updated = InternetChecksum.update32(updated, word, BigEndian.getInt(memory, 24));
            assertEquals(InternetChecksum.of(memory, 0, 40), updated);

            int half = BigEndian.getShort(memory, 30);
            BigEndian.putShort(memory, 30, random.nextInt() & 0xffff);
            updated = InternetChecksum.update16(updated, half, BigEndian.getShort(memory, 30));
            assertEquals(InternetChecksum.of(memory, 0, 40), updated);
        }
    }

    /** Made by scapy: UDP from 10.0.1.2:40000 to 10.0.1.3:53 with "abc". */
    @Test
    void shouldSumTheIpv4PseudoHeader() {
        MemorySegment memory = Packet.of("4500001f12344000401112960a0001020a000103 9c400035000b88fb616263");

        assertEquals(0, InternetChecksum.ofTransportIpv4(memory, 0, IpProtocol.UDP, 20, 11));
        UdpHeader.checksum(memory, 20, 0);
        assertEquals(0x88fb, InternetChecksum.ofTransportIpv4(memory, 0, IpProtocol.UDP, 20, 11));
        assertEquals(0x88fb, InternetChecksum.complement(
                InternetChecksum.pseudoHeaderIpv4(0x0a000102, 0x0a000103, 17, 11) + InternetChecksum.sum(memory, 20, 11)));
    }

    /** Made by scapy: UDP from [fd00:1::2]:40000 to [fd00:1::3]:53 with "abcd1". */
    @Test
    void shouldSumTheIpv6PseudoHeader() {
        MemorySegment memory = Packet.of("62eabcde000d1140fd000001000000000000000000000002fd000001000000000000000000000003",
                "9c400035000d738f6162636431");

        assertEquals(0, InternetChecksum.ofTransportIpv6(memory, 0, IpProtocol.UDP, 40, 13));
        UdpHeader.checksum(memory, 40, 0);
        assertEquals(0x738f, InternetChecksum.complement(InternetChecksum.pseudoHeaderIpv6(
                0xfd00_0001_0000_0000L, 2, 0xfd00_0001_0000_0000L, 3, 17, 13) + InternetChecksum.sum(memory, 40, 13)));
    }

    /** Never of the folded sum itself, and of few others: those that differ from it by 65,535. */
    @Test
    void shouldKnowWhatASumIsNotWithoutFoldingAllOfIt() {
        Random random = new Random(1071);
        for (int i = 0; i < 200_000; i++) {
            long sum = random.nextLong() >>> 30 + random.nextInt(34);
            int folded = ~InternetChecksum.complement(sum) & 0xffff;
            assertFalse(InternetChecksum.isOther(sum, folded), () -> Long.toHexString(sum));
            int other = random.nextInt(0x10000);
            assertTrue(other % 0xffff == folded % 0xffff || InternetChecksum.isOther(sum, other), () -> Long.toHexString(sum) + " and " + other);
        }
        assertFalse(InternetChecksum.isOther(0x3_ffff_ffffL, 3));
    }

    @Test
    void shouldSendAZeroUdpChecksumAsAllOnes() {
        assertEquals(0xffff, InternetChecksum.asUdp(0));
        assertEquals(0x738f, InternetChecksum.asUdp(0x738f));
        assertNotEquals(0, InternetChecksum.asUdp(0xffff));
    }

    private static int byWords(byte[] bytes) {
        int sum = 0;
        for (int i = 0; i < bytes.length; i++) {
            sum += (bytes[i] & 0xff) << (i % 2 == 0 ? 8 : 0);
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return ~sum & 0xffff;
    }
}
