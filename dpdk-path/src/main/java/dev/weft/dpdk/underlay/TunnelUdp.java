package dev.weft.dpdk.underlay;

import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.InternetChecksum;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.UdpHeader;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;

/**
 * UDP headers of tunnels to VTEPs: before VXLAN, inside ESP or not, and before ESP. On IPv4 the checksum is zero (RFC 7348, 5; RFC 3948,
 * 2.1). On IPv6 it is computed: RFC 6935 allows zero only to receivers that have been told, and Linux drops it otherwise. One thread
 * at a time.
 */
public final class TunnelUdp {

    /** RFC 7348, 5: the source port is drawn from the dynamic range 49152 to 65535, by a hash of the inner flow. */
    private static final int DYNAMIC_PORTS = 0xc000;
    private static final int DYNAMIC_PORT_MASK = 0x3fff;

    private final InetAddress own;
    private final boolean ipv4;
    private List<InetAddress> vteps = List.of();
    /** Of each VTEP, IPv6 only: the pseudo header without its length. */
    private long[] sums = {};

    /** @param own this node's VTEP */
    public TunnelUdp(InetAddress own) {
        this.own = own;
        ipv4 = own instanceof Inet4Address;
    }

    /** Takes the VTEPs of a snapshot, an immutable list, by their index there. Costs nothing when it is the same list as before. */
    public void adopt(List<InetAddress> now) {
        if (now != vteps) {
            sums = ipv4 ? sums : now.stream().mapToLong(vtep -> InternetChecksum.pseudoHeaderIpv6(AddressBits.high(own), AddressBits.low(own),
                    AddressBits.high(vtep), AddressBits.low(vtep), IpProtocol.UDP, 0)).toArray();
            vteps = now;
        }
    }

    static int sourcePort(int flowHash) {
        return DYNAMIC_PORTS | (flowHash ^ flowHash >>> 16) & DYNAMIC_PORT_MASK;
    }

    /**
     * Writes a header; the payload is behind it already.
     *
     * @param vtep index of the destination in the list adopted last
     */
    public void write(MemorySegment memory, long offset, int payloadLength, int vtep, int flowHash, int destinationPort) {
        UdpHeader.write(memory, offset, sourcePort(flowHash), destinationPort, UdpHeader.LENGTH + payloadLength);
        fillChecksum(memory, offset, UdpHeader.LENGTH + payloadLength, vtep);
    }

    /** Of a header whose checksum is zero so far. @param length of header and payload */
    void fillChecksum(MemorySegment memory, long offset, int length, int vtep) {
        if (!ipv4) {
            int checksum = InternetChecksum.complement(sums[vtep] + length + InternetChecksum.sum(memory, offset, length));
            UdpHeader.checksum(memory, offset, InternetChecksum.asUdp(checksum));
        }
    }
}
