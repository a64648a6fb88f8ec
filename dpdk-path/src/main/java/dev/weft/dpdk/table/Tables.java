package dev.weft.dpdk.table;

import dev.weft.api.path.DataPathState;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.wire.AddressBits;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * All that the packet path looks up, as one immutable snapshot. Read by pollers without a lock; replaced whole by apply.
 * Networks and VTEPs go by index; an index means nothing in another snapshot.
 */
public final class Tables {

    /** What a look-up says that finds nothing; the same as {@code Burst.NONE}. */
    public static final int NONE = PairMap.NONE;

    public static final Tables EMPTY = of(DataPathState.EMPTY);

    private final List<InetAddress> vteps;
    private final PairMap vtepByAddress;
    private final int[] vni;
    private final long[] gatewayMac;
    private final PairMap networkByVni;
    /** Of network and VTEP. */
    private final PairMap members;
    /** Of network and MAC: the VTEP that a remote endpoint is behind. */
    private final PairMap remotes;

    private Tables(DataPathState state) {
        List<InetAddress> addresses = new ArrayList<>();
        PairMap.Builder byAddress = new PairMap.Builder();
        state.networks().stream().flatMap(network -> network.remotes().stream()).map(RemoteEndpoint::vtep).distinct().forEach(vtep -> {
            byAddress.put(AddressBits.high(vtep), AddressBits.low(vtep), addresses.size());
            addresses.add(vtep);
        });
        vteps = List.copyOf(addresses);
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
    }

    public static Tables of(DataPathState state) {
        return new Tables(state);
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
}
