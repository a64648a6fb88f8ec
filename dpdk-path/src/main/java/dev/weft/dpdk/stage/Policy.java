package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.service.PolicyFlows;
import dev.weft.dpdk.table.OverlayAddresses;
import dev.weft.dpdk.table.PolicyTable;

/**
 * Lets through what the rules of the network allow: at the sender's node, and once more at the receiver's, whatever the sender's lets
 * through. Packets have the addresses of client and backend here, and none of a VIP: behind {@code VipDispatch}, before
 * {@code VipReturn}.
 */
public final class Policy implements Stage {

    private final PolicyFlows flows;
    private final boolean inbound;

    private Policy(PolicyFlows flows, boolean inbound) {
        this.flows = flows;
        this.inbound = inbound;
    }

    /** For frames of endpoints. */
    public static Policy outbound(PolicyFlows flows) {
        return new Policy(flows, false);
    }

    /** For frames of other nodes. */
    public static Policy inbound(PolicyFlows flows) {
        return new Policy(flows, true);
    }

    @Override
    public void process(Burst burst) {
        long asked = burst.tables.hasPolicies() ? inNetworksWithRules(burst) : 0;
        if (asked == 0) {
            return;
        }
        int now = flows.now();
        flows.lookUp(burst, asked, now);
        for (long rest = asked; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            admit(burst, i, burst.tables.policy(burst.network[i]), now);
        }
    }

    /** A bit for each packet that rules may be about. */
    private static long inNetworksWithRules(Burst burst) {
        long asked = 0;
        for (int i = 0; i < burst.count; i++) {
            if (burst.isOpen(i) && burst.protocol[i] != Burst.NONE && burst.tables.policy(burst.network[i]) != null) {
                asked |= 1L << i;
            }
        }
        return asked;
    }

    private void admit(Burst burst, int i, PolicyTable policy, int now) {
        if (inbound && !isFromItsVtep(burst, i)) {
            burst.drop(i, DropReason.SPOOFED);
            return;
        }
        switch (flows.admit(burst, i, policy, now)) {
            case PASS -> { }
            case DENIED -> burst.drop(i, DropReason.POLICY);
            case NO_FLOW -> unknown(burst, i);
            case TABLE_FULL -> burst.drop(i, DropReason.FLOW_TABLE_FULL);
        }
    }

    /** A connection that the node has not seen begin: its sender, if here, is told. */
    private void unknown(Burst burst, int i) {
        if (!inbound && burst.l4[i] != 0 && burst.protocol[i] == IpProtocol.TCP) {
            Refusal.answer(burst, i, DropReason.POLICY);
        } else {
            burst.drop(i, DropReason.POLICY);
        }
    }

    /** Rules go by addresses; nobody has one of an endpoint behind another VTEP, or here. */
    private static boolean isFromItsVtep(Burst burst, int i) {
        long ip = burst.at(i) + EthernetHeader.LENGTH;
        boolean ipv4 = burst.etherType[i] == EthernetHeader.ETHER_TYPE_IPV4;
        OverlayAddresses addresses = burst.tables.addresses();
        int address = ipv4 ? addresses.find(burst.network[i], 0, AddressBits.lowOfIpv4(Ipv4Header.source(burst.memory(), ip)))
                : addresses.find(burst.network[i], Ipv6Header.sourceHigh(burst.memory(), ip), Ipv6Header.sourceLow(burst.memory(), ip));
        return address == Burst.NONE || burst.tables.remoteVtep(burst.network[i], addresses.mac(address)) == burst.peer[i];
    }
}
