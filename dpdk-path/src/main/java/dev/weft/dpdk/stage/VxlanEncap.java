package dev.weft.dpdk.stage;

import dev.weft.api.wire.UdpHeader;
import dev.weft.api.wire.VxlanHeader;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.table.SaTable;
import dev.weft.dpdk.underlay.OuterHeaders;
import dev.weft.dpdk.underlay.TunnelUdp;
import java.net.InetAddress;

/**
 * Outbound: puts VXLAN before every frame that goes to a remote VTEP. In clear it also puts UDP, IP and Ethernet there, on an Ethernet
 * uplink, and says that the packet is complete. What is to be encrypted gets its UDP header, which is the first that ESP hides, and
 * is left open: only {@link EspSeal} completes it. Each thread has an instance of its own.
 */
public final class VxlanEncap implements Stage {

    private final int uplink;
    private final int port;
    private final TunnelUdp udp;
    private final OuterHeaders outer;

    /**
     * @param uplink the port that encapsulated packets leave through
     * @param own    this node's VTEP
     * @param port   the overlay's UDP port
     * @param outer  what comes before the VXLAN header; null when the port takes UDP payloads
     */
    public VxlanEncap(int uplink, InetAddress own, int port, OuterHeaders outer) {
        this.uplink = uplink;
        this.port = port;
        this.outer = outer;
        udp = new TunnelUdp(own);
    }

    @Override
    public void process(Burst burst) {
        udp.adopt(burst.tables.vteps());
        if (outer != null) {
            outer.adopt(burst.tables.vteps());
        }
        int network = Burst.NONE;
        int vni = 0;
        boolean encrypted = false;
        for (int i = 0; i < burst.count; i++) {
            if (burst.isOpen(i) && burst.peer[i] != Burst.NONE) {
                if (burst.network[i] != network) { // of a burst all have one
                    network = burst.network[i];
                    vni = burst.tables.vni(network);
                    encrypted = burst.tables.cipher(network) != SaTable.CLEAR;
                }
                if (encrypted) {
                    encapsulate(burst, i, vni);
                } else {
                    encapsulateClear(burst, i, vni);
                }
            }
        }
    }

    private void encapsulate(Burst burst, int i, int vni) {
        int payload = burst.length[i] + VxlanHeader.LENGTH;
        long headers = burst.prepend(i, UdpHeader.LENGTH + VxlanHeader.LENGTH);
        VxlanHeader.write(burst.memory(), headers + UdpHeader.LENGTH, vni);
        udp.write(burst.memory(), headers, payload, burst.peer[i], burst.flowHash[i], port);
    }

    private void encapsulateClear(Burst burst, int i, int vni) {
        int payload = burst.length[i] + VxlanHeader.LENGTH;
        VxlanHeader.write(burst.memory(), burst.prepend(i, VxlanHeader.LENGTH), vni);
        if (outer != null) {
            outer.writeUdp(burst.memory(), burst.prepend(i, outer.udpLength()), payload, burst.peer[i], burst.nextHop[i], burst.flowHash[i], port);
        }
        burst.send(i, uplink);
    }
}
