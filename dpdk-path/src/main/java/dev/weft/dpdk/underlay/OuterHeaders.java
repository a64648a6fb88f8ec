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
 * Ethernet, IP and UDP before VXLAN or ESP, from a template for each VTEP: words of eight bytes that are completed in registers (MAC,
 * lengths, protocol, checksum, ports) and stored once. One thread at a time.
 *
 * <p>Don't Fragment is set: a path that is too narrow then loses packets where it is, and does not make fragments that VTEPs
 * may discard (RFC 7348, 4.3). Such a datagram needs no identification (RFC 6864, 4.1), so it is zero and threads share no
 * counter.
 */
public final class OuterHeaders {

    private static final int HOP_LIMIT = 64;
    private static final int IP = EthernetHeader.LENGTH;
    private static final int IPV4_LENGTH = IP + Ipv4Header.MIN_LENGTH;
    private static final int IPV6_LENGTH = IP + Ipv6Header.LENGTH;
    private static final int UDP_CHECKSUM = 6;

    private static final int WORDS = 7;
    private static final long LOW_48 = 0xffff_ffff_ffffL;

    private final Underlay underlay;
    private final TunnelUdp udp;
    private final boolean ipv4;
    private final int ipLength;
    private List<InetAddress> vteps = List.of();
    private long[] words = {};

    public OuterHeaders(Underlay underlay) {
        this.underlay = underlay;
        udp = new TunnelUdp(underlay.vtep());
        ipv4 = underlay.isIpv4();
        ipLength = ipv4 ? IPV4_LENGTH : IPV6_LENGTH;
    }

    /** Bytes of Ethernet and IP. */
    public int ipLength() {
        return ipLength;
    }

    /** Bytes of Ethernet, IP and UDP. */
    public int udpLength() {
        return ipLength + UdpHeader.LENGTH;
    }

    /** Takes the VTEPs of a snapshot, an immutable list, by their index there. Costs nothing when it is the same list as before. */
    public void adopt(List<InetAddress> now) {
        if (now == vteps) {
            return;
        }
        words = new long[now.size() * WORDS];
        for (int vtep = 0; vtep < now.size(); vtep++) {
            MemorySegment template = Arena.ofAuto().allocate(WORDS * Long.BYTES);
            if (ipv4) {
                templateIpv4(template, now.get(vtep));
            } else {
                templateIpv6(template, now.get(vtep));
            }
            for (int word = 0; word < WORDS; word++) {
                words[vtep * WORDS + word] = BigEndian.getLong(template, (long) word * Long.BYTES);
            }
        }
        udp.adopt(now);
        vteps = now;
    }

    /** Length and protocol are zero, for the checksum too. */
    private void templateIpv4(MemorySegment template, InetAddress destination) {
        EthernetHeader.write(template, 0, 0, underlay.mac().value(), EthernetHeader.ETHER_TYPE_IPV4);
        Ipv4Header.write(template, IP, 0, 0, Ipv4Header.DONT_FRAGMENT, HOP_LIMIT, 0,
                AddressBits.ipv4(AddressBits.low(underlay.vtep())), AddressBits.ipv4(AddressBits.low(destination)));
    }

    private void templateIpv6(MemorySegment template, InetAddress destination) {
        EthernetHeader.write(template, 0, 0, underlay.mac().value(), EthernetHeader.ETHER_TYPE_IPV6);
        Ipv6Header.write(template, IP, 0, 0, HOP_LIMIT);
        Ipv6Header.source(template, IP, AddressBits.high(underlay.vtep()), AddressBits.low(underlay.vtep()));
        Ipv6Header.destination(template, IP, AddressBits.high(destination), AddressBits.low(destination));
    }

    /**
     * Writes Ethernet, IP and UDP of one packet, {@link #udpLength} bytes.
     *
     * @param offset        where the Ethernet header begins; the UDP payload is already behind where the headers end
     * @param payloadLength of UDP
     * @param vtep          index of the destination in the list adopted last
     * @param mac           of the next hop
     */
    public void writeUdp(MemorySegment memory, long offset, int payloadLength, int vtep, long mac, int flowHash, int destinationPort) {
        int length = UdpHeader.LENGTH + payloadLength;
        long ports = (long) TunnelUdp.sourcePort(flowHash) << 16 | destinationPort;
        if (ipv4) {
            writeIpv4(memory, offset, vtep * WORDS, mac, length, IpProtocol.UDP);
            BigEndian.putLong(memory, offset + 32, words[vtep * WORDS + 4] | ports << 16 | length);
            BigEndian.putShort(memory, offset + IPV4_LENGTH + UDP_CHECKSUM, 0);
        } else {
            writeIpv6(memory, offset, vtep * WORDS, mac, length, IpProtocol.UDP);
            BigEndian.putLong(memory, offset + IPV6_LENGTH, ports << 32 | (long) length << 16);
            udp.fillChecksum(memory, offset + IPV6_LENGTH, length, vtep);
        }
    }

    /** Writes Ethernet and IP of one packet, {@link #ipLength} bytes. @param payloadLength of IP */
    public void writeIp(MemorySegment memory, long offset, int payloadLength, int vtep, long mac, int protocol) {
        if (ipv4) {
            writeIpv4(memory, offset, vtep * WORDS, mac, payloadLength, protocol);
            BigEndian.putShort(memory, offset + 32, (int) (words[vtep * WORDS + 4] >>> 48));
        } else {
            writeIpv6(memory, offset, vtep * WORDS, mac, payloadLength, protocol);
        }
    }

    /** All but the last two bytes. */
    private void writeIpv4(MemorySegment memory, long offset, int at, long mac, int payloadLength, int protocol) {
        int totalLength = Ipv4Header.MIN_LENGTH + payloadLength;
        // Both are low halves of 16-bit words that are the template's alone otherwise, so the sum may have them in one.
        long checksum = InternetChecksum.update16((int) (words[at + 3] >>> 48), 0, totalLength + protocol);
        BigEndian.putLong(memory, offset, words[at] | mac << 16);
        BigEndian.putLong(memory, offset + 8, words[at + 1]);
        BigEndian.putLong(memory, offset + 16, words[at + 2] | (long) totalLength << 48 | protocol);
        BigEndian.putLong(memory, offset + 24, words[at + 3] & LOW_48 | checksum << 48);
    }

    private void writeIpv6(MemorySegment memory, long offset, int at, long mac, int payloadLength, int protocol) {
        BigEndian.putLong(memory, offset, words[at] | mac << 16);
        BigEndian.putLong(memory, offset + 8, words[at + 1]);
        BigEndian.putLong(memory, offset + 16, words[at + 2] | (long) payloadLength << 32 | (long) protocol << 24);
        BigEndian.putLong(memory, offset + 24, words[at + 3]);
        BigEndian.putLong(memory, offset + 32, words[at + 4]);
        BigEndian.putLong(memory, offset + 40, words[at + 5]);
        BigEndian.putInt(memory, offset + 48, (int) (words[at + 6] >>> 32));
        BigEndian.putShort(memory, offset + 52, (int) (words[at + 6] >>> 16));
    }
}
