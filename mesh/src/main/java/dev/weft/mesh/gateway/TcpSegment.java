package dev.weft.mesh.gateway;

import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.TcpHeader;
import java.lang.foreign.MemorySegment;

/**
 * The fields of a TCP header that a connection goes by (RFC 9293, 3.1).
 *
 * @param mss of its option; 536 when it has none (3.7.1)
 */
record TcpSegment(int flags, int sequence, int acknowledgment, int window, int mss) {

    static final int FIN = TcpHeader.FIN;
    static final int SYN = TcpHeader.SYN;
    static final int RST = TcpHeader.RST;
    static final int ACK = TcpHeader.ACK;
    static final int PSH = 0x08;
    static final int DEFAULT_MSS = 536;

    static TcpSegment read(MemorySegment memory, long tcp) {
        int mss = TcpHeader.findMss(memory, tcp);
        return new TcpSegment(TcpHeader.flags(memory, tcp), TcpHeader.sequenceNumber(memory, tcp), TcpHeader.acknowledgmentNumber(memory, tcp),
                TcpHeader.window(memory, tcp), mss == TcpHeader.NO_MSS ? DEFAULT_MSS : BigEndian.getShort(memory, tcp + mss));
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }
}
