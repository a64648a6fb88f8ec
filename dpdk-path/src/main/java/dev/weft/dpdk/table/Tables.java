package dev.weft.dpdk.table;

import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.wire.AddressBits;
import dev.weft.dpdk.esp.InstalledPeer;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * All that the packet path looks up, as one immutable snapshot. Read by pollers without a lock; replaced whole by apply.
 * Networks and VTEPs go by index; an index means nothing in another snapshot.
 */
public final class Tables {

    /** What a look-up says that finds nothing; the same as {@code Burst.NONE}. */
    public static final int NONE = PairMap.NONE;

    public static final Tables EMPTY = of(DataPathState.EMPTY);

    static final long NO_MAC = -1;

    /** What a network has by its index. */
    record Network(int vni, long gatewayMac, int mtu, int cipher, PolicyTable policy) {
    }

    private final List<InetAddress> vteps;
    private final PairMap vtepByAddress;
    private final Network[] networks;
    private final boolean policies;
    private final boolean encryption;
    private final PairMap networkByVni;
    /** Of network and VTEP. */
    private final PairMap members;
    /** Of network and MAC: the VTEP that a remote endpoint is behind. */
    private final PairMap remotes;
    /** Of network and MAC: the port of a local endpoint. */
    private final PairMap locals;
    private final int[] networkOfPort;
    private final long[] macOfPort;
    private final BitSet routers;
    private final OverlayAddresses addresses;
    private final SaTable associations;

    /** A snapshot of what the editor has now. */
    Tables(TableEditor editor) {
        vteps = editor.vteps().snapshot();
        vtepByAddress = editor.vteps().indices();
        networks = editor.networks();
        policies = Arrays.stream(networks).anyMatch(network -> network != null && network.policy() != null);
        encryption = Arrays.stream(networks).anyMatch(network -> network != null && network.cipher() != SaTable.CLEAR);
        networkByVni = editor.networkByVni();
        members = editor.members();
        remotes = editor.remotes();
        locals = editor.locals();
        networkOfPort = editor.networkOfPort();
        macOfPort = editor.macOfPort();
        routers = editor.routers();
        addresses = editor.addresses();
        associations = editor.associations();
    }

    /** A snapshot without ports: nothing is local. */
    public static Tables of(DataPathState state) {
        return of(state, _ -> NONE);
    }

    /**
     * The tables of one state, made from nothing; {@link TableEditor} makes those of the next one from these.
     *
     * @param portOf the port of a local endpoint or a gateway, or {@link #NONE} when it has none (yet)
     */
    public static Tables of(DataPathState state, ToIntFunction<EndpointId> portOf) {
        return of(state, portOf, List.of());
    }

    /** @param peers the state's SAs, installed; without them nothing of an encrypted network reaches another node */
    public static Tables of(DataPathState state, ToIntFunction<EndpointId> portOf, List<InstalledPeer> peers) {
        return new TableEditor().apply(state, portOf, Set.of(), peers);
    }

    /** The VTEPs of all networks by index, some of them twice; an immutable list, the same object while no VTEP comes or goes. */
    public List<InetAddress> vteps() {
        return vteps;
    }

    /** The index of a VTEP by its address (see {@link AddressBits}), or {@link #NONE}. */
    public int vtep(long high, long low) {
        return vtepByAddress.get(high, low);
    }

    /** The index of a network, or {@link #NONE}. */
    public int network(int vniOnTheWire) {
        return networkByVni.get(0, vniOnTheWire);
    }

    public int vni(int network) {
        return networks[network].vni();
    }

    /** The MAC of the network's gateways and VIPs. */
    public long gatewayMac(int network) {
        return networks[network].gatewayMac();
    }

    /** True when the network has an endpoint behind that VTEP. */
    public boolean isVtepOf(int network, int vtep) {
        return members.get(network, vtep) != NONE;
    }

    /** The VTEP that the MAC lives behind, or {@link #NONE}: nobody has it, or an endpoint of this node. */
    public int remoteVtep(int network, long mac) {
        return remotes.get(network, mac);
    }

    /** The port of the endpoint of this node that has the MAC, or {@link #NONE}. */
    public int localPort(int network, long mac) {
        return locals.get(network, mac);
    }

    /** Whether a stage is to {@link PairMap#touch} MACs of a burst before the first is looked up. */
    public boolean hasManyMacs() {
        return remotes.isLarge() || locals.isLarge();
    }

    /** By network and MAC the VTEP, as {@link #remoteVtep} finds it. */
    public PairMap remoteMacs() {
        return remotes;
    }

    /** By network and MAC the port, as {@link #localPort} finds it. */
    public PairMap localMacs() {
        return locals;
    }

    /** The network of the endpoint behind a port, or {@link #NONE}. */
    public int networkOfPort(int port) {
        return port < networkOfPort.length ? networkOfPort[port] : NONE;
    }

    /** The MAC of the endpoint behind a port that {@link #networkOfPort} knows. */
    public long macOfPort(int port) {
        return macOfPort[port];
    }

    /** Whether the endpoint behind a port sends for others: from any IP address. */
    public boolean isRouter(int port) {
        return routers.get(port);
    }

    /** Bytes of an IP packet in the network. */
    public int mtu(int network) {
        return networks[network].mtu();
    }

    public OverlayAddresses addresses() {
        return addresses;
    }

    /** What the network's packets between nodes are encrypted with, by number, or {@link SaTable#CLEAR}. */
    public int cipher(int network) {
        return networks[network].cipher();
    }

    /** Whether any network is encrypted. */
    public boolean hasEncryption() {
        return encryption;
    }

    /** Whether any network has rules about flows. */
    public boolean hasPolicies() {
        return policies;
    }

    /** The network's rules about flows; null: all pass. */
    public PolicyTable policy(int network) {
        return networks[network].policy();
    }

    public SaTable associations() {
        return associations;
    }
}
