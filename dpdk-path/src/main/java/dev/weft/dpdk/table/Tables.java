package dev.weft.dpdk.table;

import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.wire.AddressBits;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * All that the packet path looks up, as one immutable snapshot. Read by pollers without a lock; replaced whole by apply.
 * Networks and VTEPs go by index; an index means nothing in another snapshot.
 */
public final class Tables {

    /** What a look-up says that finds nothing; the same as {@code Burst.NONE}. */
    public static final int NONE = PairMap.NONE;

    public static final Tables EMPTY = of(DataPathState.EMPTY);

    private static final long NO_MAC = -1;

    private final List<InetAddress> vteps;
    private final PairMap vtepByAddress;
    private final int[] vni;
    private final long[] gatewayMac;
    private final PairMap networkByVni;
    /** Of network and VTEP. */
    private final PairMap members;
    /** Of network and MAC: the VTEP that a remote endpoint is behind. */
    private final PairMap remotes;
    /** Of network and MAC: the port of a local endpoint. */
    private final PairMap locals;
    private final int[] mtu;
    private final int[] networkOfPort;
    private final long[] macOfPort;
    private final OverlayAddresses addresses;

    private Tables(DataPathState state, ToIntFunction<EndpointId> portOf) {
        List<InetAddress> vtepAddresses = new ArrayList<>();
        PairMap.Builder byAddress = new PairMap.Builder();
        state.networks().stream().flatMap(network -> network.remotes().stream()).map(RemoteEndpoint::vtep).distinct().forEach(vtep -> {
            byAddress.put(AddressBits.high(vtep), AddressBits.low(vtep), vtepAddresses.size());
            vtepAddresses.add(vtep);
        });
        vteps = List.copyOf(vtepAddresses);
        vtepByAddress = byAddress.build();
        vni = state.networks().stream().mapToInt(NetworkState::vni).toArray();
        gatewayMac = state.networks().stream().mapToLong(network -> network.gatewayMac().value()).toArray();
        PairMap.Builder byVni = new PairMap.Builder();
        PairMap.Builder vtepsOfNetworks = new PairMap.Builder();
        PairMap.Builder remoteMacs = new PairMap.Builder();
        for (int network = 0; network < vni.length; network++) {
            byVni.put(0, vni[network], network);
            for (RemoteEndpoint remote : state.networks().get(network).remotes()) {
                int vtep = vtepByAddress.get(AddressBits.high(remote.vtep()), AddressBits.low(remote.vtep()));
                vtepsOfNetworks.put(network, vtep, vtep);
                remoteMacs.put(network, remote.mac().value(), vtep);
            }
        }
        networkByVni = byVni.build();
        members = vtepsOfNetworks.build();
        remotes = remoteMacs.build();
        mtu = state.networks().stream().mapToInt(NetworkState::mtu).toArray();
        int ports = state.networks().stream().flatMap(network -> network.locals().stream()).map(LocalEndpoint::id).mapToInt(portOf).max()
                .orElse(NONE) + 1;
        networkOfPort = new int[ports];
        macOfPort = new long[ports];
        Arrays.fill(networkOfPort, NONE);
        Arrays.fill(macOfPort, NO_MAC);
        locals = localMacs(state, portOf);
        addresses = new OverlayAddresses(state.networks(), portOf);
    }

    private PairMap localMacs(DataPathState state, ToIntFunction<EndpointId> portOf) {
        PairMap.Builder localMacs = new PairMap.Builder();
        for (int network = 0; network < vni.length; network++) {
            for (LocalEndpoint local : state.networks().get(network).locals()) {
                int port = portOf.applyAsInt(local.id());
                if (port != NONE) {
                    localMacs.put(network, local.mac().value(), port);
                    networkOfPort[port] = network;
                    macOfPort[port] = local.mac().value();
                }
            }
        }
        return localMacs.build();
    }

    /** A snapshot without ports: nothing is local. */
    public static Tables of(DataPathState state) {
        return of(state, _ -> NONE);
    }

    /** @param portOf the port of a local endpoint, or {@link #NONE} when it has none (yet) */
    public static Tables of(DataPathState state, ToIntFunction<EndpointId> portOf) {
        return new Tables(state, portOf);
    }

    /** The VTEPs of all networks, this node's own not among them; an immutable list, the same object at each call. */
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
        return vni[network];
    }

    /** The MAC of the network's gateways and VIPs. */
    public long gatewayMac(int network) {
        return gatewayMac[network];
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

    /** The network of the endpoint behind a port, or {@link #NONE}. */
    public int networkOfPort(int port) {
        return port < networkOfPort.length ? networkOfPort[port] : NONE;
    }

    /** The MAC of the endpoint behind a port that {@link #networkOfPort} knows. */
    public long macOfPort(int port) {
        return macOfPort[port];
    }

    /** Bytes of an IP packet in the network. */
    public int mtu(int network) {
        return mtu[network];
    }

    public OverlayAddresses addresses() {
        return addresses;
    }
}
