package dev.weft.dpdk.stage;

import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.UdpHeader;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Wire;
import dev.weft.dpdk.underlay.Underlay;
import java.lang.foreign.MemorySegment;

/**
 * The short way of {@link UnderlayParse}: packets come in trains, and one that came from where the packet before it came from is stripped in a
 * loop with nothing else in it. Takes only what is right in all that the long way looks at; what is wrong, and why, that one says.
 */
final class UnderlayTrain {

    private static final int IP = EthernetHeader.LENGTH;
    private static final int IPV4_WITHOUT_OPTIONS = 0x45;
    /** Headers of Ethernet and IPv4, and of UDP or the beginning of an ESP packet: what is read without another look at the length. */
    private static final int LEAST = IP + Ipv4Header.MIN_LENGTH + UdpHeader.LENGTH;

    private final long mac;
    private final int address;
    private final int port;
    private final int espPort;
    /** Of the packet that leads it: source MAC and EtherType, source address, the VTEP that has it; NONE while no packet leads. */
    private long sourceAndType;
    private int from;
    private int peer;

    /** @param address the low half of the VTEP's own */
    UnderlayTrain(Underlay underlay, long address) {
        mac = underlay.mac().value();
        this.address = (int) address;
        port = underlay.port();
        espPort = underlay.espPort();
    }

    /** A burst begins, with a time and perhaps tables of its own: no packet leads. */
    void begin() {
        peer = Burst.NONE;
    }

    /** A packet over IPv4 that the long way has taken, and said to the next hops where it came from. */
    void lead(MemorySegment memory, long frame, int vtep) {
        sourceAndType = EthernetHeader.sourceAndType(memory, frame);
        from = Ipv4Header.source(memory, frame + IP);
        peer = vtep;
    }

    /** Strips packets like the one that leads, from that slot on. @return the first slot with another one, or which is not open */
    int follow(Burst burst, int begin) {
        int i = begin;
        if (peer != Burst.NONE) {
            long open = burst.open();
            while (i < burst.count && (open & 1L << i) != 0 && burst.length[i] >= LEAST && strip(burst, i)) {
                i++;
            }
        }
        return i;
    }

    private boolean strip(Burst burst, int i) {
        MemorySegment memory = burst.memory();
        long frame = burst.at(i);
        long front = Ipv4Header.front(memory, frame + IP);
        long middle = Ipv4Header.middle(memory, frame + IP);
        int length = Ipv4Header.totalLength(front) - Ipv4Header.MIN_LENGTH;
        boolean taken = EthernetHeader.destination(memory, frame) == mac & EthernetHeader.sourceAndType(memory, frame) == sourceAndType
                & front >>> Long.SIZE - Byte.SIZE == IPV4_WITHOUT_OPTIONS & !Ipv4Header.isFragment(front)
                & length >= UdpHeader.LENGTH & length <= burst.length[i] - IP - Ipv4Header.MIN_LENGTH
                & Ipv4Header.source(middle) == from & Ipv4Header.destination(memory, frame + IP) == address;
        return taken && Ipv4Header.isChecksumValid(memory, frame + IP, front, middle)
                && strip(burst, i, frame + IP + Ipv4Header.MIN_LENGTH, length, Ipv4Header.protocol(middle));
    }

    private boolean strip(Burst burst, int i, long transport, int length, int protocol) {
        if (protocol == IpProtocol.ESP) {
            take(burst, i, transport, length, Wire.ESP);
            return true;
        }
        long udp = UdpHeader.whole(burst.memory(), transport);
        int destination = UdpHeader.destinationPort(udp);
        if (protocol != IpProtocol.UDP || !UdpHeader.fits(udp, length) || destination != port && destination != espPort) {
            return false;
        }
        take(burst, i, transport + UdpHeader.LENGTH, UdpHeader.length(udp) - UdpHeader.LENGTH, destination == port ? Wire.VXLAN : Wire.ESP_IN_UDP);
        return true;
    }

    private void take(Burst burst, int i, long start, int length, int wire) {
        burst.peer[i] = peer;
        burst.wire[i] = wire;
        burst.length[i] = length;
        burst.offset[i] = start;
    }
}
