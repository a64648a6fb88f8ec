package dev.weft.dpdk.underlay;

import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.InternetChecksum;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.UdpHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.util.List;

/**
 * Ethernet, IP and UDP before a VXLAN header, from a template for each VTEP: words of eight bytes that are completed in
 * registers (MAC, lengths, checksum, source port) and stored once. One thread at a time.
 *
 * <p>Don't Fragment is set: a path that is too narrow then loses packets where it is, and does not make fragments that VTEPs
 * may discard (RFC 7348, 4.3). Such a datagram needs no identification (RFC 6864, 4.1), so it is zero and threads share no
 * counter. On IPv4 the UDP checksum is zero (RFC 7348, 5). On IPv6 it is computed: RFC 6935 allows zero only to receivers that
 * have been told, and Linux drops it unless {@code udp6zerocsumrx} is set.
 */
public final class OuterHeaders {

    /** Bytes before the VXLAN header. */
    public static final int IPV4_LENGTH = EthernetHeader.LENGTH + Ipv4Header.MIN_LENGTH + UdpHeader.LENGTH;
    public static final int IPV6_LENGTH = EthernetHeader.LENGTH + Ipv6Header.LENGTH + UdpHeader.LENGTH;

    private static final int HOP_LIMIT = 64;
    private static final int IP = EthernetHeader.LENGTH;
    private static final int IPV4_UDP = IP + Ipv4Header.MIN_LENGTH;
    private static final int IPV6_UDP = IP + Ipv6Header.LENGTH;
    private static final int CHECKSUM = 6;

    /** RFC 7348, 5: the source port is drawn from the dynamic range 49152 to 65535, by a hash of the inner flow. */
    private static final int DYNAMIC_PORTS = 0xc000;
    private static final int DYNAMIC_PORT_MASK = 0x3fff;

    private static final int WORDS = 7;
    private static final long LOW_48 = 0xffff_ffff_ffffL;

    private final Underlay underlay;
    private List<InetAddress> vteps = List.of();
    private long[] words = {};
    /** Of each VTEP, IPv6 only: the sum of all in pseudo header and UDP header that is the same for every packet. */
    private long[] sums = {};

    public OuterHeaders(Underlay underlay) {
        this.underlay = underlay;
    }

    /** Bytes that {@link #write} puts before the VXLAN header. */
    public int length() {
        return underlay.isIpv4() ? IPV4_LENGTH : IPV6_LENGTH;
    }

    /** Takes the VTEPs of a snapshot, an immutable list, by their index there. Costs nothing when it is the same list as before. */
    public void adopt(List<InetAddress> now) {
        if (now == vteps) {
            return;
        }
        words = new long[now.size() * WORDS];
        sums = new long[now.size()];
        for (int vtep = 0; vtep < now.size(); vtep++) {
            InetAddress destination = now.get(vtep);
            MemorySegment template = Arena.ofAuto().allocate(WORDS * Long.BYTES + Long.BYTES);
            if (underlay.isIpv4()) {
                templateIpv4(template, destination);
            } else {
                templateIpv6(template, destination);
                sums[vtep] = InternetChecksum.pseudoHeaderIpv6(AddressBits.high(underlay.vtep()), AddressBits.low(underlay.vtep()),
                        AddressBits.high(destination), AddressBits.low(destination), IpProtocol.UDP, 0) + underlay.port();
            }
            for (int word = 0; word < WORDS; word++) {
                words[vtep * WORDS + word] = BigEndian.getLong(template, (long) word * Long.BYTES);
            }
        }
        vteps = now;
    }

    private void templateIpv4(MemorySegment template, InetAddress destination) {
        EthernetHeader.write(template, 0, 0, underlay.mac().value(), EthernetHeader.ETHER_TYPE_IPV4);
        Ipv4Header.write(template, IP, 0, 0, Ipv4Header.DONT_FRAGMENT, HOP_LIMIT, IpProtocol.UDP,
                AddressBits.ipv4(AddressBits.low(underlay.vtep())), AddressBits.ipv4(AddressBits.low(destination)));
        UdpHeader.write(template, IPV4_UDP, 0, underlay.port(), 0);
    }

    private void templateIpv6(MemorySegment template, InetAddress destination) {
        EthernetHeader.write(template, 0, 0, underlay.mac().value(), EthernetHeader.ETHER_TYPE_IPV6);
        Ipv6Header.write(template, IP, 0, IpProtocol.UDP, HOP_LIMIT);
        Ipv6Header.source(template, IP, AddressBits.high(underlay.vtep()), AddressBits.low(underlay.vtep()));
        Ipv6Header.destination(template, IP, AddressBits.high(destination), AddressBits.low(destination));
    }

    /**
     * Writes the headers of one packet.
     *
     * @param offset        where the Ethernet header begins; the UDP payload is already behind where the headers end
     * @param payloadLength of UDP: VXLAN header and inner frame
     * @param vtep          index of the destination in the list adopted last
     * @param mac           of the next hop
     */
    public void write(MemorySegment memory, long offset, int payloadLength, int vtep, long mac, int flowHash) {
        int sourcePort = DYNAMIC_PORTS | (flowHash ^ flowHash >>> 16) & DYNAMIC_PORT_MASK;
        int udpLength = UdpHeader.LENGTH + payloadLength;
        if (underlay.isIpv4()) {
            writeIpv4(memory, offset, vtep * WORDS, mac, sourcePort, udpLength);
        } else {
            writeIpv6(memory, offset, vtep * WORDS, mac, sourcePort, udpLength);
            int checksum = InternetChecksum.complement(sums[vtep] + sourcePort + 2L * udpLength
                    + InternetChecksum.sum(memory, offset + IPV6_LENGTH, payloadLength));
            BigEndian.putShort(memory, offset + IPV6_UDP + CHECKSUM, InternetChecksum.asUdp(checksum));
        }
    }

    private void writeIpv4(MemorySegment memory, long offset, int at, long mac, int sourcePort, int udpLength) {
        int totalLength = Ipv4Header.MIN_LENGTH + udpLength;
        // The template's checksum was made with a total length of zero.
        long checksum = InternetChecksum.update16((int) (words[at + 3] >>> 48), 0, totalLength);
        BigEndian.putLong(memory, offset, words[at] | mac << 16);
        BigEndian.putLong(memory, offset + 8, words[at + 1]);
        BigEndian.putLong(memory, offset + 16, words[at + 2] | (long) totalLength << 48);
        BigEndian.putLong(memory, offset + 24, words[at + 3] & LOW_48 | checksum << 48);
        BigEndian.putLong(memory, offset + 32, words[at + 4] | (long) sourcePort << 32 | udpLength);
        BigEndian.putShort(memory, offset + IPV4_UDP + CHECKSUM, 0);
    }

    private void writeIpv6(MemorySegment memory, long offset, int at, long mac, int sourcePort, int udpLength) {
        BigEndian.putLong(memory, offset, words[at] | mac << 16);
        BigEndian.putLong(memory, offset + 8, words[at + 1]);
        BigEndian.putLong(memory, offset + 16, words[at + 2] | (long) udpLength << 32);
        BigEndian.putLong(memory, offset + 24, words[at + 3]);
        BigEndian.putLong(memory, offset + 32, words[at + 4]);
        BigEndian.putLong(memory, offset + 40, words[at + 5]);
        BigEndian.putLong(memory, offset + 48, words[at + 6] | sourcePort);
        BigEndian.putInt(memory, offset + 56, underlay.port() << 16 | udpLength);
    }
}
