package dev.weft.dpdk.port;

import dev.weft.api.wire.InternetChecksum;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.TcpHeader;
import dev.weft.api.wire.UdpHeader;
import dev.weft.dpdk.pipeline.Burst;
import java.lang.foreign.MemorySegment;

/**
 * Finds the segments of a burst that a tap can be given as one super-frame, as Linux's GRO does: of one flow, all of one length but the
 * last; of TCP (tcp_gro_receive) in sequence, with the same acknowledgment, options and window; of UDP (udp_gro_receive) in the order in
 * which they came, which the receiver's kernel cuts again, so that an application notices nothing. Several flows may be mixed; within a flow
 * nothing changes places.
 *
 * <p>A super-frame goes into the kernel with its checksum declared good, so each segment's is verified before it joins: a damaged
 * one stays alone, and the kernel finds out. Used by the poller's thread alone; allocates nothing.
 */
final class Coalescer {

    static final int NONE = InnerSegment.NONE;

    private static final int IP = InnerSegment.IP;
    private static final int MAX_IP = 65_535;

    private final boolean udp;
    /** Of each slot: bytes before its transport header ({@link #NONE}: neither TCP nor UDP), which of these, bytes of all headers. */
    private final int[] transport = new int[Burst.CAPACITY];
    private final boolean[] tcp = new boolean[Burst.CAPACITY];
    private final int[] headers = new int[Burst.CAPACITY];
    private final int[] chained = new int[Burst.CAPACITY];
    private final int[] head = new int[Burst.CAPACITY];
    private final int[] tail = new int[Burst.CAPACITY];
    private final int[] segments = new int[Burst.CAPACITY];
    /** Payload bytes of the whole group. */
    private final int[] payload = new int[Burst.CAPACITY];
    /** Payload bytes of all segments but the last; {@link #NONE}: neither TCP nor UDP. */
    private final int[] size = new int[Burst.CAPACITY];
    private final boolean[] open = new boolean[Burst.CAPACITY];
    private int groups;

    /** @param udp whether the tap takes super-frames of UDP, too (USO; Linux 6.2) */
    Coalescer(boolean udp) {
        this.udp = udp;
    }

    /** Looks at the frames in the given slots; what was found before is forgotten. */
    void find(Burst burst, int[] slots, int count) {
        groups = 0;
        for (int n = 0; n < count; n++) {
            place(burst, slots[n]);
        }
    }

    private void place(Burst burst, int i) {
        int length = look(burst, i);
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

    /** What the decisions about a frame need, read once. @return bytes of data; {@link #NONE}: nothing that could join */
    private int look(Burst burst, int i) {
        transport[i] = InnerSegment.findTransport(burst, i);
        if (transport[i] == NONE) {
            return NONE;
        }
        tcp[i] = InnerSegment.isTcp(burst, i);
        int length = tcp[i] || udp ? InnerSegment.payload(burst, i, transport[i], tcp[i]) : NONE;
        headers[i] = burst.length[i] - length;
        return length;
    }

    private boolean isPush(Burst burst, int i) {
        return tcp[i] && InnerSegment.isPush(burst, i, transport[i]);
    }

    /** The group that a segment's flow is open in, or was last; {@link #NONE} when there is none. */
    private int groupOf(Burst burst, int i) {
        for (int group = groups - 1; group >= 0; group--) {
            int first = head[group];
            if (size[group] != NONE && transport[first] == transport[i] && tcp[first] == tcp[i]
                    && InnerSegment.isSameFlow(burst, first, i, transport[i])) {
                return group;
            }
        }
        return NONE;
    }

    private boolean joins(Burst burst, int group, int i, int length) {
        int first = head[group];
        return open[group] && length > 0 && length <= size[group] && headers[first] == headers[i]
                && headers[i] - IP + payload[group] + length <= MAX_IP
                && InnerSegment.continues(burst, first, i, transport[i], headers[i], tcp[i], payload[group])
                && (segments[group] > 1 || isChecksumValid(burst, first)) && isChecksumValid(burst, i);
    }

    private boolean isChecksumValid(Burst burst, int i) {
        return InnerSegment.isChecksumValid(burst, i, transport[i], tcp[i]);
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

    /** Bytes of all headers of a super-frame, and of each of its segments. */
    int headers(int group) {
        return headers[head[group]];
    }

    boolean isSuperFrame(int group) {
        return segments[group] > 1;
    }

    /** Makes the headers of the group's first frame those of the super-frame, and writes a {@link VnetHeader} before it. */
    void finish(Burst burst, int group) {
        int i = head[group];
        MemorySegment memory = burst.memory();
        long frame = burst.offset[i];
        int start = transport[i];
        int pseudo = finishIp(burst, i, headers[i] - start + payload[group]);
        if (tcp[i]) {
            TcpHeader.flags(memory, frame + start, TcpHeader.flags(memory, burst.offset[tail[group]] + start));
            TcpHeader.checksum(memory, frame + start, pseudo);
            VnetHeader.writeGso(memory, frame - VnetHeader.LENGTH, InnerSegment.isIpv4(burst, i) ? VnetHeader.GSO_TCPV4 : VnetHeader.GSO_TCPV6,
                    headers[i], size[group], start, TcpHeader.CHECKSUM);
        } else {
            UdpHeader.length(memory, frame + start, UdpHeader.LENGTH + payload[group]);
            UdpHeader.checksum(memory, frame + start, pseudo);
            VnetHeader.writeGso(memory, frame - VnetHeader.LENGTH, VnetHeader.GSO_UDP_L4, headers[i], size[group], start, UdpHeader.CHECKSUM);
        }
    }

    /** @param bytes of the transport packet @return the sum of its pseudo header, as it stands in a checksum that is not finished */
    private static int finishIp(Burst burst, int i, int bytes) {
        MemorySegment memory = burst.memory();
        long ip = burst.offset[i] + IP;
        int protocol = InnerSegment.protocol(burst, i);
        long pseudo;
        if (InnerSegment.isIpv4(burst, i)) {
            Ipv4Header.totalLength(memory, ip, Ipv4Header.MIN_LENGTH + bytes);
            Ipv4Header.fillChecksum(memory, ip);
            pseudo = InternetChecksum.pseudoHeaderIpv4(Ipv4Header.source(memory, ip), Ipv4Header.destination(memory, ip), protocol, bytes);
        } else {
            Ipv6Header.payloadLength(memory, ip, bytes);
            pseudo = InternetChecksum.pseudoHeaderIpv6(Ipv6Header.sourceHigh(memory, ip), Ipv6Header.sourceLow(memory, ip),
                    Ipv6Header.destinationHigh(memory, ip), Ipv6Header.destinationLow(memory, ip), protocol, bytes);
        }
        return ~InternetChecksum.complement(pseudo) & 0xffff;
    }
}
