package dev.weft.ffm.rtnl;

/**
 * What a bridge does at a port (linux/if_link.h, IFLA_BRPORT_*).
 *
 * @param learning       puts source MACs of received frames into the FDB
 * @param floodUnicast   sends unicast of unknown MACs out here
 * @param floodMulticast the same for multicast
 * @param floodBroadcast the same for broadcast
 * @param suppress       answers ARP and ND out of the bridge's neighbour table, and lets none of it out here
 * @param locked         drops frames from MACs that the FDB does not have at this port
 * @param isolated       exchanges no frames with other isolated ports
 */
public record BridgePort(boolean learning, boolean floodUnicast, boolean floodMulticast, boolean floodBroadcast, boolean suppress,
                         boolean locked, boolean isolated) {

    /** One that is not isolated. */
    public BridgePort(boolean learning, boolean floodUnicast, boolean floodMulticast, boolean floodBroadcast, boolean suppress, boolean locked) {
        this(learning, floodUnicast, floodMulticast, floodBroadcast, suppress, locked, false);
    }

    /** Nothing is flooded or learned; ARP and ND are answered from the table. */
    public static final BridgePort STATIC = new BridgePort(false, false, false, false, true, false);
}
