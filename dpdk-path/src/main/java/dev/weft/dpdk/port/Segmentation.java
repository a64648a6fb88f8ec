package dev.weft.dpdk.port;

import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.InternetChecksum;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.TcpHeader;
import dev.weft.api.wire.UdpHeader;
import java.lang.foreign.MemorySegment;

/**
 * Cuts a super-frame of TCP or UDP into segments: a copy of the headers before each part, with lengths, sequence number, flags and
 * checksums of its own, as TSO and USO would. One super-frame at a time, one thread; allocates nothing.
 */
final class Segmentation {

    /** Flags that only the last segment has. */
    private static final int FIN_AND_PSH = TcpHeader.FIN | TcpHeader.PSH;

    private MemorySegment from;
    private long start;
    private int ip;
    private int transport;
    private int headers;
    private int segment = 1;
    private boolean tcp;
    /** Payload bytes of all, and those handed out. */
    private int all;
    private int done;

    /**
     * Begins with a super-frame, whose headers have been looked at.
     *
     * @param offset          where it begins in memory
     * @param ipOffset        bytes from there to the IP header
     * @param transportOffset bytes from there to the TCP or UDP header
     * @param length          bytes of all
     * @param segmentPayload  bytes of a segment's payload, above 0
     * @return false when there is no payload
     */
    boolean begin(MemorySegment memory, long offset, int ipOffset, int transportOffset, int length, int segmentPayload, boolean isTcp) {
        from = memory;
        start = offset;
        ip = ipOffset;
        transport = transportOffset;
        segment = segmentPayload;
        tcp = isTcp;
        headers = transport + (tcp ? TcpHeader.headerLength(memory, offset + transport) : UdpHeader.LENGTH);
        done = 0;
        all = Math.max(0, length - headers);
        return all > 0;
    }

    boolean hasNext() {
        return done < all;
    }

    /** Whether some segments have been handed out, and there are more. */
    boolean isUnderWay() {
        return done > 0 && hasNext();
    }

    /** Segments that have not been handed out. */
    int left() {
        return (all - done + segment - 1) / segment;
    }

    /** Forgets the rest. */
    void clear() {
        all = 0;
        done = 0;
        segment = 1;
    }

    /** Bytes of the longest segment. */
    int longest() {
        return headers + segment;
    }

    /**
     * Writes the next segment.
     *
     * @return its length
     */
    int next(MemorySegment to, long offset) {
        int part = Math.min(segment, all - done);
        MemorySegment.copy(from, start, to, offset, headers);
        MemorySegment.copy(from, start + headers + done, to, offset + headers, part);
        finishIp(to, offset + ip, headers - ip + part);
        if (tcp) {
            finishTcp(to, offset + transport, part);
        } else {
            UdpHeader.length(to, offset + transport, UdpHeader.LENGTH + part);
        }
        finishChecksum(to, offset, headers - transport + part);
        done += part;
        return headers + part;
    }

    private void finishIp(MemorySegment to, long header, int bytes) {
        if (isIpv4(to, header)) {
            Ipv4Header.totalLength(to, header, bytes);
            Ipv4Header.identification(to, header, Ipv4Header.identification(to, header) + done / segment);
            Ipv4Header.fillChecksum(to, header);
        } else {
            Ipv6Header.payloadLength(to, header, bytes - Ipv6Header.LENGTH);
        }
    }

    /** As Linux does (tcp_gso_segment): FIN and PSH in the last segment only, CWR in the first only (RFC 3168, 6.1.2). */
    private void finishTcp(MemorySegment to, long header, int part) {
        TcpHeader.sequenceNumber(to, header, TcpHeader.sequenceNumber(to, header) + done);
        int flags = TcpHeader.flags(to, header);
        flags &= done + part < all ? ~FIN_AND_PSH : ~0;
        flags &= done > 0 ? ~TcpHeader.CWR : ~0;
        TcpHeader.flags(to, header, flags);
    }

    private void finishChecksum(MemorySegment to, long offset, int bytes) {
        long header = offset + transport;
        int protocol = tcp ? IpProtocol.TCP : IpProtocol.UDP;
        long field = header + (tcp ? TcpHeader.CHECKSUM : UdpHeader.CHECKSUM);
        BigEndian.putShort(to, field, 0);
        int checksum = isIpv4(to, offset + ip) ? InternetChecksum.ofTransportIpv4(to, offset + ip, protocol, header, bytes)
                : InternetChecksum.ofTransportIpv6(to, offset + ip, protocol, header, bytes);
        BigEndian.putShort(to, field, tcp ? checksum : InternetChecksum.asUdp(checksum));
    }

    private static boolean isIpv4(MemorySegment to, long header) {
        return Ipv4Header.version(to, header) == Ipv4Header.VERSION;
    }
}
