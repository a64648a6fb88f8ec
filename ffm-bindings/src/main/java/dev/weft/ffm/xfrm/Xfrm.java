package dev.weft.ffm.xfrm;

import dev.weft.ffm.netlink.NetlinkMessage;
import dev.weft.ffm.netlink.NetlinkReply;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** What states and policies have in common: addresses, selectors, lifetimes. Offsets are those of the 64-bit ABI. */
final class Xfrm {

    static final byte ESP = 50;
    static final byte MODE_TRANSPORT = 0;
    /** struct xfrm_selector */
    static final int SELECTOR = 56;
    /** struct xfrm_lifetime_cfg, then struct xfrm_lifetime_cur */
    static final int LIFETIMES = 64 + 32;
    /** XFRM_INF: no limit. */
    static final long UNLIMITED = -1;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int ADDRESS = 16;

    private Xfrm() {
    }

    static int family(InetAddress address) {
        return address instanceof Inet4Address ? AF_INET : AF_INET6;
    }

    /** xfrm_address_t: the address, and zeros behind one of IPv4. */
    static NetlinkMessage address(NetlinkMessage message, InetAddress address) {
        return message.raw(Arrays.copyOf(address.getAddress(), ADDRESS));
    }

    static InetAddress address(NetlinkReply reply, int offset, int family) {
        int length = family == AF_INET ? 4 : ADDRESS;
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(reply.payload(), offset, offset + length));
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of " + length + " bytes", e);
        }
    }

    /**
     * Hard limits, and what was used so far, which the kernel fills in: soft and hard, of bytes, packets, seconds since it was added and
     * seconds since it was used first. No limit of time is 0.
     */
    static NetlinkMessage lifetimes(NetlinkMessage message, long bytes, long packets, long seconds) {
        return message.u64(UNLIMITED).u64(bytes).u64(UNLIMITED).u64(packets).u64(0).u64(seconds == UNLIMITED ? 0 : seconds)
                .zeros(LIFETIMES - 48);
    }
}
