package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.table.PairMap;
import dev.weft.dpdk.table.Tables;

/**
 * Where a frame goes by its destination MAC: to a port of this node, or (outbound only) behind another VTEP, for the stages after
 * this one to encapsulate. What came from the underlay never goes back there. Nothing is flooded: what has no place ends here.
 */
public final class Fdb implements Stage {

    private final boolean toUnderlay;
    /** Most packets are for the MAC that the one before them was for: it is looked up once. */
    private Tables knownIn;
    private int knownNetwork;
    private long knownMac;
    private int knownPort;
    private int knownPeer;
    private final int[] homes = new int[Burst.CAPACITY];
    @SuppressWarnings("unused") // keeps the compiler from leaving out what touch reads
    private long touched;

    private Fdb(boolean toUnderlay) {
        this.toUnderlay = toUnderlay;
    }

    /** For frames of endpoints. */
    public static Fdb outbound() {
        return new Fdb(true);
    }

    /** For frames of other nodes. */
    public static Fdb inbound() {
        return new Fdb(false);
    }

    @Override
    public void process(Burst burst) {
        if (burst.tables.hasManyMacs()) {
            touch(burst, burst.tables.localMacs());
            if (toUnderlay) {
                touch(burst, burst.tables.remoteMacs());
            }
        }
        long open = burst.open();
        if (open == 0) {
            return;
        }
        forward(burst, Long.numberOfTrailingZeros(open));
        long others = open & open - 1;
        if (others != 0 && isKnown(burst, Long.numberOfTrailingZeros(others))) {
            others &= ~forwardAll(burst, known(burst, others));
        }
        for (long rest = others; rest != 0; rest &= rest - 1) {
            forward(burst, Long.numberOfTrailingZeros(rest));
        }
    }

    private boolean isKnown(Burst burst, int i) {
        return EthernetHeader.destination(burst.memory(), burst.at(i)) == knownMac & burst.network[i] == knownNetwork;
    }

    /** In a loop without a call, as {@link SourceCheck} has it. @return a bit for each of these packets for the last MAC looked up */
    private long known(Burst burst, long slots) {
        long known = 0;
        for (int i = 0; i < burst.count; i++) {
            if ((slots & 1L << i) != 0 && isKnown(burst, i)) {
                known |= 1L << i;
            }
        }
        return known;
    }

    /** Packets for the last MAC looked up. @return those; none where that one is looked up again, or is nowhere */
    private long forwardAll(Burst burst, long known) {
        boolean here = knownPort != Burst.NONE && knownPort != burst.inPort;
        if (burst.tables != knownIn || !here && knownPeer == Burst.NONE) {
            return 0;
        }
        int peer = here ? Burst.NONE : knownPeer;
        for (int i = 0; i < burst.count; i++) {
            if ((known & 1L << i) != 0) {
                burst.peer[i] = peer;
            }
        }
        if (here) {
            burst.sendAll(known, knownPort);
        }
        return known;
    }

    /** Has the cache fetch all that is looked up next, as the processor waits for many lines as long as for one. */
    private void touch(Burst burst, PairMap macs) {
        if (!macs.isLarge()) {
            return;
        }
        long before = knownMac;
        int count = 0;
        for (long rest = burst.open(); rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            long mac = EthernetHeader.destination(burst.memory(), burst.at(i));
            if (mac != before) {
                before = mac;
                homes[count++] = macs.home(burst.network[i], mac);
            }
        }
        touched = macs.touch(homes, count);
    }

    private void forward(Burst burst, int i) {
        int network = burst.network[i];
        long mac = EthernetHeader.destination(burst.memory(), burst.at(i));
        if (EthernetHeader.isMulticast(mac)) {
            burst.drop(i, DropReason.BROADCAST);
            return;
        }
        if (mac != knownMac || network != knownNetwork || burst.tables != knownIn) {
            lookUp(burst.tables, network, mac);
        }
        if (knownPort != Burst.NONE && knownPort != burst.inPort) {
            burst.peer[i] = Burst.NONE;
            burst.send(i, knownPort);
            return;
        }
        burst.peer[i] = knownPeer;
        if (knownPeer == Burst.NONE) {
            // The gateway has no way out of the network: what is for it and was not answered by now is not served.
            burst.drop(i, mac == burst.tables.gatewayMac(network) ? DropReason.UNSERVED_PROTOCOL : DropReason.UNKNOWN_UNICAST);
        }
    }

    private void lookUp(Tables tables, int network, long mac) {
        knownIn = tables;
        knownNetwork = network;
        knownMac = mac;
        knownPort = tables.localPort(network, mac);
        knownPeer = toUnderlay ? tables.remoteVtep(network, mac) : Burst.NONE;
    }
}
