package dev.weft.mesh.leak;

import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.EspHeader;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.UdpHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** A packet of the uplink, looked at from its Ethernet header on. */
final class SeenPacket {

    private static final int HEADERS_SHOWN = 64;

    private final MemorySegment memory;
    private final int length;

    SeenPacket(MemorySegment memory) {
        this.memory = memory;
        this.length = (int) memory.byteSize();
    }

    /** Anywhere in it: in clear, behind other headers, in an ICMP error. */
    boolean contains(byte[] mark) {
        byte[] bytes = memory.toArray(ValueLayout.JAVA_BYTE);
        for (int at = 0; at + mark.length <= length; at++) {
            if (bytes[at] == mark[0] && Arrays.equals(bytes, at, at + mark.length, mark, 0, mark.length)) {
                return true;
            }
        }
        return false;
    }

    /** What is behind an IP header, or behind UDP's: an SPI and whom it goes to. Nothing when there is no room for one. */
    record Esp(InetAddress destination, int spi) {
    }

    Optional<Esp> esp() {
        int ip = EthernetHeader.LENGTH;
        if (!EthernetHeader.fits(length)) {
            return Optional.empty();
        }
        int etherType = EthernetHeader.etherType(memory, 0);
        if (etherType == EthernetHeader.ETHER_TYPE_IPV4 && Ipv4Header.fits(memory, ip, length - ip)) {
            return esp(AddressBits.toInetAddress(0, AddressBits.lowOfIpv4(Ipv4Header.destination(memory, ip))), Ipv4Header.protocol(memory, ip),
                    ip + Ipv4Header.headerLength(memory, ip));
        }
        if (etherType == EthernetHeader.ETHER_TYPE_IPV6 && Ipv6Header.fits(memory, ip, length - ip)) {
            return esp(AddressBits.toInetAddress(Ipv6Header.destinationHigh(memory, ip), Ipv6Header.destinationLow(memory, ip)),
                    Ipv6Header.nextHeader(memory, ip), ip + Ipv6Header.LENGTH);
        }
        return Optional.empty();
    }

    private Optional<Esp> esp(InetAddress destination, int protocol, int transport) {
        int at = protocol == IpProtocol.UDP ? transport + UdpHeader.LENGTH : transport;
        return (protocol == IpProtocol.UDP || protocol == IpProtocol.ESP) && EspHeader.fits(length - at)
                ? Optional.of(new Esp(destination, EspHeader.spi(memory, at))) : Optional.empty();
    }

    /** Its length and its first bytes. */
    @Override
    public String toString() {
        return length + " bytes, " + HexFormat.of().formatHex(memory.asSlice(0, Math.min(length, HEADERS_SHOWN)).toArray(ValueLayout.JAVA_BYTE));
    }
}
