package dev.weft.ffm.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A message that the kernel sent.
 *
 * @param type    of the family, RTM_NEWLINK for one
 * @param payload what stands behind the nlmsghdr
 */
public record NetlinkReply(int type, byte[] payload) {

    public int u8(int offset) {
        return payload[offset] & 0xff;
    }

    public int u16(int offset) {
        return buffer().getShort(offset) & 0xffff;
    }

    public int u32(int offset) {
        return buffer().getInt(offset);
    }

    /** The attributes behind a family header of that many bytes. */
    public Attributes attributes(int familyHeader) {
        return Attributes.of(payload, familyHeader + 3 & ~3);
    }

    private ByteBuffer buffer() {
        return ByteBuffer.wrap(payload).order(ByteOrder.nativeOrder());
    }
}
