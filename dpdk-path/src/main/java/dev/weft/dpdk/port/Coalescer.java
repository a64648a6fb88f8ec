package dev.weft.dpdk.port;

import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.InternetChecksum;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.TcpHeader;
import dev.weft.dpdk.pipeline.Burst;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Finds the TCP segments of a burst that a tap can be given as one super-frame, as Linux's GRO does (tcp_gro_receive): of one flow,
 * in sequence, with the same acknowledgment, options and window, all of one length but the last. Several flows may be mixed; within
 * a flow nothing changes places.
 *
 * <p>A super-frame goes into the kernel with its checksum declared good, so each segment's is verified before it joins: a damaged
 * one stays alone, and the kernel finds out. Used by the poller's thread alone; allocates nothing.
 */
final class Coalescer {

    static final int NONE = -1;

    private static final int IP = EthernetHeader.LENGTH;
    private static final int MAX_IP = 65_535;
    private static final int IHL_5 = 0x45;
    /** More fragments, and the offset. */
    private static final int FRAGMENT = 0x3fff;
    /** Data offset, flags and window, without PSH: what has to be the same. */
    private static final int SAME_WORD = 0xfff7_ffff;

    private final int[] chained = new int[Burst.CAPACITY];
    private final int[] head = new int[Burst.CAPACITY];
    private final int[] tail = new int[Burst.CAPACITY];
    private final int[] segments = new int[Burst.CAPACITY];
    /** Payload bytes of the whole group. */
    private final int[] payload = new int[Burst.CAPACITY];
    /** Payload bytes of all segments but the last; {@link #NONE}: no TCP. */
    private final int[] size = new int[Burst.CAPACITY];
    private final boolean[] open = new boolean[Burst.CAPACITY];
    private int groups;

    /** Looks at the frames in the given slots; what was found before is forgotten. */
    void find(Burst burst, int[] slots, int count) {
        groups = 0;
        for (int n = 0; n < count; n++) {
            place(burst, slots[n]);
        }
    }

    private void place(Burst burst, int i) {
        int length = payloadLength(burst, i);
        int group = length == NONE ? NONE : groupOf(burst, i);
        chained[i] = NONE;
        if (group != NONE && joins(burst, group, i, length)) {
            chained[tail[group]] = i;
            tail[group] = i;
            segments[group]++;
            payload[group] += length;
            open[group] = length == size[group] && !isPush(burst, i);
            return;
        }
        if (group != NONE) {
            open[group] = false;
        }
        head[groups] = i;
        tail[groups] = i;
        segments[groups] = 1;
        payload[groups] = length;
        size[groups] = length;
        open[groups] = length > 0 && !isPush(burst, i);
        groups++;
    }

    /** Bytes of data of a TCP segment without IP options, extensions or fragments; {@link #NONE} for anything else. */
    private static int payloadLength(Burst burst, int i) {
        MemorySegment memory = burst.memory;
        long ip = burst.offset[i] + IP;
        int available = burst.length[i] - IP;
        int etherType = available < Ipv6Header.LENGTH ? 0 : EthernetHeader.etherType(memory, burst.offset[i]);
        int header;
        if (etherType == EthernetHeader.ETHER_TYPE_IPV4) {
            header = Ipv4Header.MIN_LENGTH;
            if (BigEndian.getByte(memory, ip) != IHL_5 || Ipv4Header.protocol(memory, ip) != IpProtocol.TCP
                    || (BigEndian.getShort(memory, ip + 6) & FRAGMENT) != 0 || Ipv4Header.totalLength(memory, ip) != available) {
                return NONE;
            }
        } else if (etherType == EthernetHeader.ETHER_TYPE_IPV6) {
            header = Ipv6Header.LENGTH;
            if (Ipv6Header.nextHeader(memory, ip) != IpProtocol.TCP || Ipv6Header.payloadLength(memory, ip) != available - header) {
                return NONE;
            }
        } else {
            return NONE;
        }
        return TcpHeader.fits(memory, ip + header, available - header)
                ? available - header - TcpHeader.headerLength(memory, ip + header) : NONE;
    }

    /** The group that a segment's flow is open in, or was last; {@link #NONE} when there is none. */
    private int groupOf(Burst burst, int i) {
        for (int group = groups - 1; group >= 0; group--) {
            if (size[group] != NONE && isSameFlow(burst, head[group], i)) {
                return group;
            }
        }
        return NONE;
    }

    private static boolean isSameFlow(Burst burst, int a, int b) {
        MemorySegment memory = burst.memory;
        long one = burst.offset[a];
        long other = burst.offset[b];
        int ports = transport(burst, a);
        return EthernetHeader.etherType(memory, one) == EthernetHeader.etherType(memory, other)
                && BigEndian.getInt(memory, one + ports) == BigEndian.getInt(memory, other + ports)
                && (isIpv4(burst, a)
                ? BigEndian.getLong(memory, one + IP + 12) == BigEndian.getLong(memory, other + IP + 12)
                : isSame(memory, one + IP + 8, other + IP + 8, 32));
    }

    private boolean joins(Burst burst, int group, int i, int length) {
        int headers = headers(burst, i);
        return open[group] && length > 0 && length <= size[group] && headers - IP + payload[group] + length <= MAX_IP
                && headers == headers(burst, head[group]) && isSameHeader(burst, head[group], i, payload[group])
                && (segments[group] > 1 || isChecksumValid(burst, head[group])) && isChecksumValid(burst, i);
    }

    private static boolean isSameHeader(Burst burst, int first, int i, int payloadBefore) {
        MemorySegment memory = burst.memory;
        long one = burst.offset[first];
        long other = burst.offset[i];
        int transport = transport(burst, i);
        int flags = TcpHeader.flags(memory, other + transport);
        return (flags & ~TcpHeader.PSH) == TcpHeader.ACK
                && isSame(memory, one, other, IP) && isSameIp(burst, one + IP, other + IP, isIpv4(burst, i))
                && TcpHeader.sequenceNumber(memory, other + transport) == TcpHeader.sequenceNumber(memory, one + transport) + payloadBefore
                && TcpHeader.acknowledgmentNumber(memory, one + transport) == TcpHeader.acknowledgmentNumber(memory, other + transport)
                && ((BigEndian.getInt(memory, one + transport + 12) ^ BigEndian.getInt(memory, other + transport + 12)) & SAME_WORD) == 0
                && isSame(memory, one + transport + TcpHeader.MIN_LENGTH, other + transport + TcpHeader.MIN_LENGTH,
                headers(burst, i) - transport - TcpHeader.MIN_LENGTH);
    }

    /** Service, time to live and DF; without DF the identifications would be lost. Version, class and label; hop limit. */
    private static boolean isSameIp(Burst burst, long one, long other, boolean ipv4) {
        MemorySegment memory = burst.memory;
        return ipv4
                ? BigEndian.getShort(memory, one) == BigEndian.getShort(memory, other)
                && BigEndian.getShort(memory, one + 8) == BigEndian.getShort(memory, other + 8)
                && Ipv4Header.dontFragment(memory, one) && Ipv4Header.dontFragment(memory, other)
                : BigEndian.getInt(memory, one) == BigEndian.getInt(memory, other)
                && Ipv6Header.hopLimit(memory, one) == Ipv6Header.hopLimit(memory, other);
    }

    private static boolean isSame(MemorySegment memory, long one, long other, int length) {
        return MemorySegment.mismatch(memory, one, one + length, memory, other, other + length) == -1;
    }

    private static boolean isChecksumValid(Burst burst, int i) {
        long ip = burst.offset[i] + IP;
        int transport = transport(burst, i);
        long header = burst.offset[i] + transport;
        int length = burst.length[i] - transport;
        return isIpv4(burst, i)
                ? Ipv4Header.isChecksumValid(burst.memory, ip)
                && InternetChecksum.ofTransportIpv4(burst.memory, ip, IpProtocol.TCP, header, length) == 0
                : InternetChecksum.ofTransportIpv6(burst.memory, ip, IpProtocol.TCP, header, length) == 0;
    }

    private static boolean isPush(Burst burst, int i) {
        return (TcpHeader.flags(burst.memory, burst.offset[i] + transport(burst, i)) & ~TcpHeader.ACK) != 0;
    }

    private static boolean isIpv4(Burst burst, int i) {
        return EthernetHeader.etherType(burst.memory, burst.offset[i]) == EthernetHeader.ETHER_TYPE_IPV4;
    }

    private static int transport(Burst burst, int i) {
        return IP + (isIpv4(burst, i) ? Ipv4Header.MIN_LENGTH : Ipv6Header.LENGTH);
    }

    /** Bytes of all headers of a segment, Ethernet's among them. */
    static int headers(Burst burst, int i) {
        int transport = transport(burst, i);
        return transport + TcpHeader.headerLength(burst.memory, burst.offset[i] + transport);
    }

    /** Groups found, in the order in which they are to be written. */
    int groups() {
        return groups;
    }

    /** The slot whose frame the group begins with. */
    int first(int group) {
        return head[group];
    }

    /** The slot after this one in its group, or {@link #NONE}. */
    int after(int slot) {
        return chained[slot];
    }

    boolean isSuperFrame(int group) {
        return segments[group] > 1;
    }

    /**
     * Makes the headers of the group's first frame those of the super-frame, and writes a {@link VnetHeader} before it.
     */
    void finish(Burst burst, int group) {
        int i = head[group];
        MemorySegment memory = burst.memory;
        long frame = burst.offset[i];
        long ip = frame + IP;
        int transport = transport(burst, i);
        int headers = headers(burst, i);
        int bytes = headers - transport + payload[group];
        boolean ipv4 = isIpv4(burst, i);
        long pseudo;
        if (ipv4) {
            Ipv4Header.totalLength(memory, ip, headers - IP + payload[group]);
            Ipv4Header.fillChecksum(memory, ip);
            pseudo = InternetChecksum.pseudoHeaderIpv4(Ipv4Header.source(memory, ip), Ipv4Header.destination(memory, ip), IpProtocol.TCP, bytes);
        } else {
            Ipv6Header.payloadLength(memory, ip, bytes);
            pseudo = InternetChecksum.pseudoHeaderIpv6(Ipv6Header.sourceHigh(memory, ip), Ipv6Header.sourceLow(memory, ip),
                    Ipv6Header.destinationHigh(memory, ip), Ipv6Header.destinationLow(memory, ip), IpProtocol.TCP, bytes);
        }
        int last = TcpHeader.flags(memory, burst.offset[tail[group]] + transport);
        TcpHeader.flags(memory, frame + transport, last);
        TcpHeader.checksum(memory, frame + transport, ~InternetChecksum.complement(pseudo) & 0xffff);
        VnetHeader.writeGso(memory, frame - VnetHeader.LENGTH, ipv4 ? VnetHeader.GSO_TCPV4 : VnetHeader.GSO_TCPV6, headers, size[group],
                transport, TcpHeader.CHECKSUM);
    }
}
