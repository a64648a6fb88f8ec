package dev.weft.api.wire;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * An IP address of either family as two longs, for tables that both families share: an IPv4 address is written as its
 * IPv4-mapped form ::ffff:a.b.c.d (RFC 4291, 2.5.5.2), which never appears on a wire.
 */
public final class AddressBits {

    private static final long MAPPED = 0xffff_0000_0000L;
    private static final long LOW_32 = 0xffff_ffffL;

    private AddressBits() {
    }

    public static long high(InetAddress address) {
        return address instanceof Inet4Address ? 0 : ByteBuffer.wrap(address.getAddress()).getLong(0);
    }

    public static long low(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return address instanceof Inet4Address ? lowOfIpv4(bytes.getInt(0)) : bytes.getLong(8);
    }

    /** The low half of an IPv4 address; the high half is zero. */
    public static long lowOfIpv4(int address) {
        return MAPPED | address & LOW_32;
    }

    public static boolean isIpv4(long high, long low) {
        return high == 0 && (low & ~LOW_32) == MAPPED;
    }

    /** The IPv4 address of an IPv4-mapped low half, as it stands in a header. */
    public static int ipv4(long low) {
        return (int) low;
    }

    public static InetAddress toInetAddress(long high, long low) {
        try {
            return InetAddress.getByAddress(isIpv4(high, low)
                    ? ByteBuffer.allocate(4).putInt(ipv4(low)).array()
                    : ByteBuffer.allocate(16).putLong(high).putLong(low).array());
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are always an address", e);
        }
    }
}
