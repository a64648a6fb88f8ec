package dev.weft.dpdk.underlay;

import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.UdpHeader;
import dev.weft.ffm.bpf.BpfAssembler;
import dev.weft.ffm.bpf.BpfMap;
import dev.weft.ffm.bpf.BpfProgram;

/**
 * The XDP program of one node: it takes the overlay's packets for the data-path address from the kernel and gives them to the AF_XDP
 * socket of the queue that they came by. All else passes to the kernel, and so do overlay packets when there is no socket.
 * <pre>
 * Ethernet, no tag - IPv4 without options, no fragment, to the VTEP -+- UDP to VXLAN's port ----------------------------- take
 *                  - IPv6, to the VTEP                               +- UDP to ESP's port - four bytes that are not zero - take
 *                                                                    +- ESP ---------------------------------------------- take
 * </pre>
 * What has IPv4 options or IPv6 extension headers passes, too; no node of Weft's sends such. RFC 3948, 2.2: four zero bytes mark IKE.
 */
public final class OverlayProgram {

    /** What the kernel calls it; one that a killed process left behind is known by it. */
    public static final String NAME = "weft_overlay";
    /** net_af_xdp looks for a map of this name. */
    private static final String SOCKETS = "xsks_map";
    private static final int MOST_QUEUES = 64;

    private static final int XDP_PASS = 2;
    private static final int BPF_REDIRECT_MAP = 51;
    /** struct xdp_md: data, data_end, data_meta, ingress_ifindex, rx_queue_index; four bytes each. */
    private static final int MD_DATA = 0;
    private static final int MD_DATA_END = 4;
    private static final int MD_QUEUE = 16;
    /** Registers: what the program is called with, the packet, its end, two for anything. */
    private static final int CONTEXT = 6;
    private static final int PACKET = 2;
    private static final int END = 3;
    private static final int LIMIT = 4;
    private static final int VALUE = 5;

    private static final int ETHER_TYPE = 12;
    private static final int IP = EthernetHeader.LENGTH;
    private static final int IPV4_NO_OPTIONS = 0x45;
    private static final int IPV4_FRAGMENT = 6;
    /** More fragments, and the offset: without "do not fragment" and the reserved bit (RFC 791, 3.1). */
    private static final int FRAGMENT_BITS = 0x3fff;
    private static final int IPV4_PROTOCOL = 9;
    private static final int IPV4_DESTINATION = 16;
    private static final int IPV6_NEXT_HEADER = 6;
    private static final int IPV6_DESTINATION = 24;
    private static final int UDP_DESTINATION = 2;

    private final BpfAssembler assembler = new BpfAssembler();

    private OverlayProgram() {
    }

    /** @param encrypted whether ESP is this node's; else it passes */
    public static BpfProgram of(Underlay underlay, boolean encrypted) {
        return new OverlayProgram().write(underlay, encrypted);
    }

    /** The program's map: AF_XDP sockets by queue. */
    public static BpfMap sockets() {
        return BpfMap.sockets(SOCKETS, MOST_QUEUES);
    }

    private BpfProgram write(Underlay underlay, boolean encrypted) {
        assembler.move(CONTEXT, 1).load(4, PACKET, CONTEXT, MD_DATA).load(4, END, CONTEXT, MD_DATA_END);
        int transport = IP + (underlay.isIpv4() ? Ipv4Header.MIN_LENGTH : Ipv6Header.LENGTH);
        // ESP begins with 8 bytes as well: SPI and sequence number.
        passUnlessThere(transport + UdpHeader.LENGTH);
        if (underlay.isIpv4()) {
            ipv4(underlay);
        } else {
            ipv6(underlay);
        }
        if (encrypted) {
            assembler.jumpIfEqual(VALUE, IpProtocol.ESP, "take");
        }
        assembler.jumpUnlessEqual(VALUE, IpProtocol.UDP, "pass");
        assembler.load(2, VALUE, PACKET, transport + UDP_DESTINATION).jumpIfEqual(VALUE, networkOrder(underlay.port()), "take");
        if (encrypted) {
            assembler.jumpUnlessEqual(VALUE, networkOrder(underlay.espPort()), "pass");
            passUnlessThere(transport + UdpHeader.LENGTH + Integer.BYTES);
            assembler.load(4, VALUE, PACKET, transport + UdpHeader.LENGTH).jumpIfEqual(VALUE, 0, "pass");
        } else {
            assembler.set(0, XDP_PASS).exit();
        }
        assembler.label("take").setMap(1).load(4, 2, CONTEXT, MD_QUEUE).set(3, XDP_PASS).call(BPF_REDIRECT_MAP).exit();
        return assembler.label("pass").set(0, XDP_PASS).exit().program(NAME);
    }

    /** The kernel's verifier lets nothing be read that was not compared with the packet's end. */
    private void passUnlessThere(int bytes) {
        assembler.move(LIMIT, PACKET).add(LIMIT, bytes).jumpIfGreater(LIMIT, END, "pass");
    }

    /** Leaves the protocol in VALUE. */
    private void ipv4(Underlay underlay) {
        assembler.load(2, VALUE, PACKET, ETHER_TYPE).jumpUnlessEqual(VALUE, networkOrder(EthernetHeader.ETHER_TYPE_IPV4), "pass");
        assembler.load(1, VALUE, PACKET, IP).jumpUnlessEqual(VALUE, IPV4_NO_OPTIONS, "pass");
        assembler.load(2, VALUE, PACKET, IP + IPV4_FRAGMENT).and(VALUE, networkOrder(FRAGMENT_BITS)).jumpUnlessEqual(VALUE, 0, "pass");
        int vtep = Integer.reverseBytes(AddressBits.ipv4(AddressBits.low(underlay.vtep())));
        assembler.load(4, VALUE, PACKET, IP + IPV4_DESTINATION).jumpUnlessEqual32(VALUE, vtep, "pass");
        assembler.load(1, VALUE, PACKET, IP + IPV4_PROTOCOL);
    }

    /** Leaves the next header in VALUE. */
    private void ipv6(Underlay underlay) {
        assembler.load(2, VALUE, PACKET, ETHER_TYPE).jumpUnlessEqual(VALUE, networkOrder(EthernetHeader.ETHER_TYPE_IPV6), "pass");
        assembler.load(1, VALUE, PACKET, IP).and(VALUE, 0xf0).jumpUnlessEqual(VALUE, Ipv6Header.VERSION << 4, "pass");
        assembler.setLong(LIMIT, Long.reverseBytes(AddressBits.high(underlay.vtep())));
        assembler.load(8, VALUE, PACKET, IP + IPV6_DESTINATION).jumpUnlessSame(VALUE, LIMIT, "pass");
        assembler.setLong(LIMIT, Long.reverseBytes(AddressBits.low(underlay.vtep())));
        assembler.load(8, VALUE, PACKET, IP + IPV6_DESTINATION + Long.BYTES).jumpUnlessSame(VALUE, LIMIT, "pass");
        assembler.load(1, VALUE, PACKET, IP + IPV6_NEXT_HEADER);
    }

    /** As a load of two bytes by a little-endian machine finds it. */
    private static int networkOrder(int value) {
        return Short.reverseBytes((short) value) & 0xffff;
    }
}
