package dev.weft.api.counter;

import java.util.Locale;

/** Why a packet was dropped. One packet is counted under one reason, at the place that frees it. */
public enum DropReason {
    /** No stage finished the packet: an exception, or a stage that forgot. Never expected. */
    UNFINISHED,
    /** Shorter than its headers say, or a length field beyond the end. */
    TRUNCATED,
    /** A header field that the RFC forbids. */
    MALFORMED,
    /** IPv4 header checksum wrong. */
    BAD_CHECKSUM,
    /** An EtherType that the underlay side does not serve; a gateway neither; inside, a VLAN tag (RFC 7348, 6.1). */
    UNSERVED_PROTOCOL,
    /** An underlay packet for somebody else's address, or for a port that is not ours. */
    NOT_FOR_US,
    /** An IP fragment of an overlay packet; VTEPs must not fragment (RFC 7348, 4.3). */
    FRAGMENT,
    /** VXLAN without a valid VNI: the I flag is clear (RFC 7348, 5). */
    VNI_FLAG_CLEAR,
    /** A VNI that this node has no network for. */
    UNKNOWN_VNI,
    /** A source address that is no VTEP of the network. */
    UNKNOWN_VTEP,
    /** An inner source MAC that does not live behind the VTEP it came from. */
    SOURCE_MAC_MISMATCH,
    /** An endpoint sent from a MAC or an IP address that is not its own. */
    SPOOFED,
    /** A unicast MAC that no endpoint has. Never flooded. */
    UNKNOWN_UNICAST,
    /** Broadcast and multicast that no stage answers. Never flooded. */
    BROADCAST,
    /** An ARP request or neighbour solicitation for an address that the network does not have. */
    NEIGHBOR_UNKNOWN,
    /** Longer than the network's MTU. */
    TOO_BIG,
    /** A rule of the network denies the flow. */
    POLICY,
    /** A service without a live backend. */
    NO_BACKEND,
    /** A RST to a VIP, of no connection that is known. (Other packets of such connections are answered by a RST.) */
    NO_FLOW,
    /** The flow table is full of live flows. */
    FLOW_TABLE_FULL,
    /** Each backend already serves the same client address and port by another VIP: its answers could not be told apart. */
    FLOW_CONFLICT,
    /** No SA to send an encrypted network's packet with (yet, or any more). Never sent in clear. */
    NO_SA,
    /** ESP with an SPI that this node has not given out, or from another peer than the one it was given to. */
    UNKNOWN_SPI,
    /**
     * An ESP sequence number that was there already (RFC 4303, 3.4.3). One that is left of the replay window looks like one of the next
     * 2^32 (appendix A2), so it is refused as ICV_MISMATCH.
     */
    REPLAYED,
    /** The ICV does not fit: forged or damaged. */
    ICV_MISMATCH,
    /** Clear VXLAN for an encrypted network, or an encrypted packet for a network that is not encrypted so. */
    CLEAR_TEXT,
    /** The next hop on the underlay does not answer ARP or ND (yet). */
    NEXT_HOP_UNRESOLVED,
    /** The ring or queue of the receiving port is full. */
    RING_FULL,
    /** No packet buffer is free. */
    NO_BUFFER,
    /** The port is gone. */
    PORT_CLOSED,
    /** Consumed: answered or learned from, not forwarded. Not a loss. */
    CONSUMED;

    /** {@code unknown-vni}, say: how tools print it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
