package dev.weft.ffm.netlink;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class NetlinkMessageTest {

    @Test
    void shouldWriteHeaderNestedAndPaddedAttributes() {
        NetlinkMessage message = new NetlinkMessage(16, NetlinkMessage.NLM_F_ACK, "test").u8(7).u8(0).u16(0x0102)
                .attribute(3, "ab").nested(18, info -> info.attribute8(1, 0xff).attribute16be(15, 4789)).attribute32be(9, 0x01020304);
        assertArrayEquals(HexFormat.of().parseHex("38000000" + "1000" + "0500" + "07000000" + "00000000"
                + "07000201" + "0700030061620000" + "14001280" + "05000100ff000000" + "06000f0012b50000" + "08000900" + "01020304"),
                message.encode(7));
    }

    @Test
    void shouldReadWhatItWroteAndStopAtEveryTruncation() {
        byte[] bytes = new NetlinkMessage(0, 0, "test").attribute32(1, 5).nested(2, nested -> nested.attribute(3, "eth0")).encode(1);
        Attributes whole = Attributes.of(bytes, NetlinkMessage.HEADER);
        assertEquals(5, whole.integer(1).orElseThrow());
        assertEquals("eth0", whole.nested(2).string(3).orElseThrow());
        for (int length = NetlinkMessage.HEADER; length < bytes.length; length++) {
            Attributes cut = Attributes.of(java.util.Arrays.copyOf(bytes, length), NetlinkMessage.HEADER);
            assertFalse(cut.has(2), "an attribute that ends behind the message is left out, at " + length);
        }
    }
}
