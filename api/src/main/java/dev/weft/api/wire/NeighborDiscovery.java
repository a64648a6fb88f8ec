package dev.weft.api.wire;

import java.lang.foreign.MemorySegment;

/**
 * Neighbour solicitation and advertisement, RFC 4861, 4.3 and 4.4. 24 bytes (ICMPv6 header, target address) and options; both
 * messages have one shape and differ in the flags.
 */
public final class NeighborDiscovery {

    public static final int MIN_LENGTH = 24;
    /** With one link-layer address option, as we send it. */
    public static final int LENGTH_WITH_OPTION = 32;
    /** RFC 4861, 7.1: the hop limit of all such messages, so that none comes from beyond the link. */
    public static final int HOP_LIMIT = 255;

    public static final int SOURCE_LINK_LAYER_ADDRESS = 1;
    public static final int TARGET_LINK_LAYER_ADDRESS = 2;
    /** What {@link #linkLayerAddress} says when there is none. */
    public static final long NO_ADDRESS = -1;

    /** Flags of an advertisement: it answers a solicitation; it overrides what the receiver has cached. */
    public static final int SOLICITED = 0x4000_0000;
    public static final int OVERRIDE = 0x2000_0000;

    /** ff02::1:ff00:0/104 (RFC 4291, 2.7.1). */
    public static final long SOLICITED_NODE_HIGH = 0xff02_0000_0000_0000L;
    private static final long SOLICITED_NODE_LOW = 0x0000_0001_ff00_0000L;
    private static final long LAST_24_BITS = 0xff_ffffL;
    /** 33:33 and the last four bytes of the group (RFC 2464, 7). */
    private static final long MULTICAST_MAC = 0x3333_0000_0000L;
    private static final long LAST_32_BITS = 0xffff_ffffL;

    private static final int FLAGS = 4;
    private static final int TARGET_ADDRESS = 8;
    private static final int OPTION_UNIT = 8;

    private NeighborDiscovery() {
    }

    /** The one length check: true when {@code available} bytes hold the message, and its options end where they do (none of length 0). */
    public static boolean fits(MemorySegment memory, long offset, int available) {
        if (available < MIN_LENGTH) {
            return false;
        }
        int at = MIN_LENGTH;
        while (available - at >= 2) {
            int length = BigEndian.getByte(memory, offset + at + 1) * OPTION_UNIT;
            if (length == 0 || length > available - at) {
                return false;
            }
            at += length;
        }
        return at == available;
    }

    /** {@link #SOLICITED}, {@link #OVERRIDE} and the router flag; zero in a solicitation. */
    public static int flags(MemorySegment memory, long offset) {
        return BigEndian.getInt(memory, offset + FLAGS);
    }

    public static long targetHigh(MemorySegment memory, long offset) {
        return BigEndian.getLong(memory, offset + TARGET_ADDRESS);
    }

    public static long targetLow(MemorySegment memory, long offset) {
        return BigEndian.getLong(memory, offset + TARGET_ADDRESS + 8);
    }

    /**
     * Walks the options.
     *
     * @param messageLength the length that fits
     * @param optionType    {@link #SOURCE_LINK_LAYER_ADDRESS} or {@link #TARGET_LINK_LAYER_ADDRESS}
     * @return the MAC or {@link #NO_ADDRESS}
     */
    public static long linkLayerAddress(MemorySegment memory, long offset, int messageLength, int optionType) {
        int at = MIN_LENGTH;
        while (at < messageLength) {
            int length = BigEndian.getByte(memory, offset + at + 1) * OPTION_UNIT;
            if (BigEndian.getByte(memory, offset + at) == optionType && length == OPTION_UNIT) {
                return BigEndian.getMac(memory, offset + at + 2);
            }
            at += length;
        }
        return NO_ADDRESS;
    }

    /** Writes a message of {@link #LENGTH_WITH_OPTION} bytes, the checksum zero. */
    public static void writeSolicitation(MemorySegment memory, long offset, long targetHigh, long targetLow, long sourceMac) {
        write(memory, offset, Icmpv6.NEIGHBOR_SOLICITATION, 0, targetHigh, targetLow, SOURCE_LINK_LAYER_ADDRESS, sourceMac);
    }

    /** Writes a message of {@link #LENGTH_WITH_OPTION} bytes, the checksum zero. */
    public static void writeAdvertisement(MemorySegment memory, long offset, int flags, long targetHigh, long targetLow, long targetMac) {
        write(memory, offset, Icmpv6.NEIGHBOR_ADVERTISEMENT, flags, targetHigh, targetLow, TARGET_LINK_LAYER_ADDRESS, targetMac);
    }

    private static void write(MemorySegment memory, long offset, int type, int flags, long targetHigh, long targetLow,
                              int optionType, long mac) {
        IcmpHeader.write(memory, offset, type, 0, flags);
        BigEndian.putLong(memory, offset + TARGET_ADDRESS, targetHigh);
        BigEndian.putLong(memory, offset + TARGET_ADDRESS + 8, targetLow);
        BigEndian.putByte(memory, offset + MIN_LENGTH, optionType);
        BigEndian.putByte(memory, offset + MIN_LENGTH + 1, 1);
        BigEndian.putMac(memory, offset + MIN_LENGTH + 2, mac);
    }

    /** Low half of the solicited-node group of an address; the high half is {@link #SOLICITED_NODE_HIGH}. */
    public static long solicitedNodeLow(long addressLow) {
        return SOLICITED_NODE_LOW | addressLow & LAST_24_BITS;
    }

    /** The Ethernet group of an IPv6 group. */
    public static long multicastMac(long groupLow) {
        return MULTICAST_MAC | groupLow & LAST_32_BITS;
    }
}
