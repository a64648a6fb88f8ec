package dev.weft.kernel.conntrack;

import java.net.InetAddress;
import java.util.Arrays;

/**
 * A flow that conntrack knows.
 *
 * @param id          tells it from a later one of the same addresses and ports
 * @param tuple       its first packet's addresses, protocol and ports, as the kernel wrote them
 * @param destination where its first packet was sent to
 * @param answerer    who answers it: another one than the destination when that was translated
 * @param phase       whether more is to come
 */
record TrackedFlow(int id, byte[] tuple, InetAddress destination, InetAddress answerer, Phase phase) {

    /** Of a TCP connection by its state: over once both sides have sent their FIN, or one a RST. Every other flow is open while it is known. */
    enum Phase {
        OPEN, OVER,
        /** Of TCP, and its state was not told. */
        UNKNOWN;

        static final int TCP_LAST_ACK = 6;
        static final int TCP_CLOSE = 8;

        /** @param state enum tcp_conntrack (linux/netfilter/nf_conntrack_tcp.h) */
        static Phase ofTcp(int state) {
            return state >= TCP_LAST_ACK && state <= TCP_CLOSE ? OVER : OPEN;
        }
    }

    boolean isTranslated() {
        return !destination.equals(answerer);
    }

    /** The id alone is a hash of 32 bits, of which two of a hundred thousand are equal. */
    long key() {
        return (long) id << Integer.SIZE | Arrays.hashCode(tuple) & 0xffff_ffffL;
    }
}
