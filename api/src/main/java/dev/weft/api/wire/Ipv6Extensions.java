package dev.weft.api.wire;

import java.lang.foreign.MemorySegment;

/**
 * The walk over IPv6 extension headers, RFC 8200, 4, to what they stand before. The answer is packed into a long so that the
 * packet path allocates nothing: ask {@link #protocol}, {@link #length} and {@link #isFragment}.
 */
public final class Ipv6Extensions {

    /** An extension header reaches beyond the end of the payload. */
    public static final long TRUNCATED = -1;
    /** More extension headers than any sender has a reason for. */
    public static final long TOO_MANY = -2;

    /** RFC 8200, 4.1 recommends an order with at most seven; more is an attack on the walker. */
    private static final int MAX_HEADERS = 8;
    private static final int UNIT = 8;
    private static final int AUTHENTICATION_UNIT = 4;
    private static final int FRAGMENT_OFFSET_AND_MORE = 0xfff9;
    private static final int FRAGMENT_OFFSET = 0xfff8;

    private static final int PROTOCOL_SHIFT = 32;
    private static final long IS_FRAGMENT = 1L << 40;
    private static final long IS_LATER_FRAGMENT = 1L << 41;

    private Ipv6Extensions() {
    }

    /**
     * Walks from behind the IPv6 header. Stops behind a fragment header that is not the first fragment's: what follows is no
     * header.
     *
     * @param offset  of the IPv6 header, which fits
     * @param payload its payload length
     * @return {@link #TRUNCATED}, {@link #TOO_MANY} or a packed answer, which is never negative
     */
    public static long walk(MemorySegment memory, long offset, int payload) {
        int next = Ipv6Header.nextHeader(memory, offset);
        int at = 0;
        long fragment = 0;
        for (int headers = 0; isExtension(next); headers++) {
            if (headers == MAX_HEADERS) {
                return TOO_MANY;
            }
            if (payload - at < UNIT) {
                return TRUNCATED;
            }
            long header = offset + Ipv6Header.LENGTH + at;
            int length = headerLength(memory, header, next);
            if (payload - at < length) {
                return TRUNCATED;
            }
            if (next == IpProtocol.FRAGMENT) {
                fragment |= fragmentFlags(BigEndian.getShort(memory, header + 2));
            }
            next = BigEndian.getByte(memory, header);
            at += length;
            if ((fragment & IS_LATER_FRAGMENT) != 0) {
                break;
            }
        }
        return fragment | (long) next << PROTOCOL_SHIFT | at;
    }

    private static boolean isExtension(int protocol) {
        return protocol == IpProtocol.HOP_BY_HOP || protocol == IpProtocol.ROUTING || protocol == IpProtocol.FRAGMENT
                || protocol == IpProtocol.DESTINATION_OPTIONS || protocol == IpProtocol.AUTHENTICATION;
    }

    private static int headerLength(MemorySegment memory, long header, int protocol) {
        int field = BigEndian.getByte(memory, header + 1);
        return switch (protocol) {
            case IpProtocol.FRAGMENT -> UNIT;
            // RFC 4302, 2.2: in 4-byte units less two.
            case IpProtocol.AUTHENTICATION -> (field + 2) * AUTHENTICATION_UNIT;
            // RFC 8200, 4.3: in 8-byte units, not counting the first.
            default -> (field + 1) * UNIT;
        };
    }

    /** An atomic fragment (RFC 6946: offset 0, no more) is a whole packet. */
    private static long fragmentFlags(int offsetAndMore) {
        if ((offsetAndMore & FRAGMENT_OFFSET) != 0) {
            return IS_FRAGMENT | IS_LATER_FRAGMENT;
        }
        return (offsetAndMore & FRAGMENT_OFFSET_AND_MORE) != 0 ? IS_FRAGMENT : 0;
    }

    /** What the extension headers stand before: one of {@link IpProtocol}. */
    public static int protocol(long walked) {
        return (int) (walked >>> PROTOCOL_SHIFT) & 0xff;
    }

    /** Bytes of extension headers: the transport header is that far behind the IPv6 header's forty bytes. */
    public static int length(long walked) {
        return (int) walked;
    }

    /** True for every piece of a fragmented packet, the first one too. */
    public static boolean isFragment(long walked) {
        return (walked & IS_FRAGMENT) != 0;
    }

    /** True for a fragment without transport header. */
    public static boolean isLaterFragment(long walked) {
        return (walked & IS_LATER_FRAGMENT) != 0;
    }
}
