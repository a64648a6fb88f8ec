package dev.weft.dpdk.service;

import dev.weft.api.wire.EthernetHeader;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.table.OverlayAddresses;

/**
 * ICMP errors about packets of flows to VIPs: too big, not reachable. Who gets one looks for the packet that it quotes among those that he
 * sent, so the quote is translated the other way round than the packet was (RFC 5508, 4.2; RFC 3022, 4.3). Without that neither path MTU
 * discovery nor a refused port goes through a VIP. The flow is not used by it. The poller's thread's.
 *
 * <pre>
 *   client --> VIP  becomes  client --> backend:   its error quotes client --> backend  becomes  client --> VIP
 *   client <-- VIP    from   client <-- backend:   its error quotes client <-- VIP      becomes  client <-- backend
 * </pre>
 */
public final class VipErrors {

    private final FlowTable flows;
    private final FlowKeys answer = FlowKeys.ofVips(1);
    private final IcmpQuote quote = new IcmpQuote();
    private final FlowAddresses packet = new FlowAddresses();

    public VipErrors(VipFlows flows) {
        this.flows = flows.table();
    }

    /** Whether a parsed packet is one. */
    public static boolean isError(Burst burst, int i) {
        return IcmpQuote.isError(burst, i);
    }

    /**
     * Sends a client's error about what came from a VIP on to the backend that sent it.
     *
     * @param i an ICMP error
     * @return false when it is about no flow that is known; it stays as it is
     */
    public boolean dispatch(Burst burst, int i, int now) {
        if (!goesToWhoIsQuoted(burst, i)) {
            return false;
        }
        FlowAddresses quoted = quote.addresses;
        int flow = find(tuple(burst, i, quote.destinationPort, quote.sourcePort), false, now);
        if (flow == FlowTable.NONE) {
            return false;
        }
        OverlayAddresses addresses = burst.tables.addresses();
        int backend = addresses.find(burst.network[i], flows.backendHigh(flow), flows.backendLow(flow));
        if (backend == Burst.NONE) {
            return false;
        }
        quote.source(burst.memory(), flows.backendHigh(flow), flows.backendLow(flow));
        AddressRewrite.destination(burst, i, flows.backendHigh(flow), flows.backendLow(flow));
        EthernetHeader.destination(burst.memory(), burst.at(i), addresses.mac(backend));
        return true;
    }

    /**
     * Makes an error about what a client sent to a VIP one about that. It comes from the VIP if it came from the backend, and from whom it
     * comes if a router tells it. What is about no flow that is known stays as it is.
     *
     * @param i an ICMP error
     */
    public void restore(Burst burst, int i, int now) {
        if (!goesToWhoIsQuoted(burst, i)) {
            return;
        }
        FlowAddresses quoted = quote.addresses;
        int flow = find(tuple(burst, i, quote.sourcePort, quote.destinationPort), true, now);
        if (flow == FlowTable.NONE) {
            return;
        }
        quote.destination(burst.memory(), flows.vipHigh(flow), flows.vipLow(flow));
        if (packet.sourceHigh == quoted.destinationHigh && packet.sourceLow == quoted.destinationLow) {
            AddressRewrite.source(burst, i, flows.vipHigh(flow), flows.vipLow(flow));
            EthernetHeader.source(burst.memory(), burst.at(i), burst.tables.gatewayMac(burst.network[i]));
        }
    }

    /** The flow that an answer to what is quoted would be of. @param reply whether that is a backend's */
    private int find(long tuple, boolean reply, int now) {
        FlowAddresses quoted = quote.addresses;
        answer.ofReplies(reply);
        answer.write(0, tuple, quoted.destinationHigh, quoted.destinationLow, quoted.sourceHigh, quoted.sourceLow);
        return flows.find(answer, 0, now);
    }

    /** Reads both headers. False when there is nothing to look for, or the error goes to another than the sender of what it quotes. */
    private boolean goesToWhoIsQuoted(Burst burst, int i) {
        if (flows.size() == 0 || !quote.read(burst, i)) {
            return false;
        }
        packet.read(burst, i);
        return packet.destinationHigh == quote.addresses.sourceHigh && packet.destinationLow == quote.addresses.sourceLow;
    }

    private long tuple(Burst burst, int i, int clientPort, int servicePort) {
        return FlowTable.tuple(burst.tables.vni(burst.network[i]), quote.protocol, clientPort, servicePort);
    }
}
