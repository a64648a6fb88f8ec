package dev.weft.dpdk.table;

import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.Member;
import dev.weft.api.path.Members;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.dpdk.esp.InstalledPeer;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * Makes the {@link Tables} of one state after another, by what differs: the time goes by the change and not by what is there.
 *
 * <p>Names, addresses and MACs are unique in a network, but while the news of a change arrives bit by bit two endpoints may have the
 * same one. Then the first by name has it, and the network is made anew at each change until they differ again.
 *
 * <p>Each part of the tables has an editor of its own, whose snapshot is the same object while nothing in it changes; a further part is
 * a further editor. Owned by the thread that applies.
 */
public final class TableEditor {

    private static final int NONE = Tables.NONE;

    /** A network that is in the tables. */
    private record Present(int index, NetworkState state, boolean ambiguous) {
    }

    private final Map<Integer, Present> present = new HashMap<>();
    private final Map<EndpointId, Integer> ports = new HashMap<>();
    private final BitSet indices = new BitSet();
    private Tables.Network[] networks = {};
    private int[] networkOfPort = {};
    private long[] macOfPort = {};
    private final BitSet routers = new BitSet();
    private final PairMap.Editor networkByVni = new PairMap.Editor();
    /** Of network and VTEP: how many endpoints are there. */
    private final PairMap.Editor members = new PairMap.Editor();
    private final PairMap.Editor remotes = new PairMap.Editor();
    private final PairMap.Editor locals = new PairMap.Editor();
    private final VtepEditor vteps = new VtepEditor();
    private final AddressEditor addresses = new AddressEditor();

    private List<InstalledPeer> peers = List.of();
    private List<InetAddress> vtepsOfPeers = List.of();
    private SaTable associations = new SaTable(List.of(), _ -> NONE);

    private boolean unique;

    /**
     * @param portOf the port of a local endpoint or a gateway, or {@link Tables#NONE} when it has none (yet)
     * @param moved  local endpoints and gateways whose port is another one now, though nothing else of them is
     * @param peers  the state's SAs, installed; the same object while they are the same
     */
    public Tables apply(DataPathState next, ToIntFunction<EndpointId> portOf, Set<EndpointId> moved, List<InstalledPeer> peers) {
        Set<Integer> gone = new HashSet<>(present.keySet());
        next.networks().forEach(network -> gone.remove(network.vni()));
        gone.forEach(vni -> remove(present.remove(vni)));
        for (NetworkState network : next.networks()) {
            Present before = present.get(network.vni());
            if (before == null) {
                present.put(network.vni(), add(network, portOf));
            } else if (before.state() != network || moved.stream().anyMatch(id -> id.vni() == network.vni())) {
                present.put(network.vni(), changed(before, network, moved, portOf));
            }
        }
        associate(peers);
        return new Tables(this);
    }

    private void associate(List<InstalledPeer> now) {
        List<InetAddress> vtepsNow = vteps.snapshot();
        if (now != peers || vtepsNow != vtepsOfPeers) {
            associations = new SaTable(now, vteps::index);
            peers = now;
            vtepsOfPeers = vtepsNow;
        }
    }

    private Present changed(Present before, NetworkState network, Set<EndpointId> moved, ToIntFunction<EndpointId> portOf) {
        NetworkState old = before.state();
        boolean whole = before.ambiguous() || !old.subnets().equals(network.subnets()) || !old.gatewayMac().equals(network.gatewayMac())
                || moved.contains(EndpointId.ofGateway(network.vni()));
        if (!whole) {
            unique = true;
            int index = before.index();
            describe(index, network);
            exchange(index, old, network, moved, portOf);
            addresses.settle(index);
            if (unique) {
                return new Present(index, network, false);
            }
        }
        remove(whole ? before : new Present(before.index(), network, false));
        return add(network, portOf);
    }

    /** All that goes first, for an address may pass from one endpoint to another. */
    private void exchange(int index, NetworkState old, NetworkState network, Set<EndpointId> moved, ToIntFunction<EndpointId> portOf) {
        Members.Difference<LocalEndpoint> here = Members.difference(old.locals(), network.locals());
        Members.Difference<RemoteEndpoint> elsewhere = Members.difference(old.remotes(), network.remotes());
        List<LocalEndpoint> stay = moved.stream().filter(id -> id.vni() == network.vni())
                .flatMap(id -> network.locals().find(id.name()).stream()).filter(old.locals()::contains).toList();
        here.gone().forEach(local -> remove(index, local));
        stay.forEach(local -> remove(index, local));
        elsewhere.gone().forEach(remote -> remove(index, remote));
        if (!old.services().equals(network.services())) {
            unique &= addresses.setServices(index, network.services(), network.gatewayMac().value());
        }
        here.come().forEach(local -> add(index, local, portOf.applyAsInt(local.id())));
        stay.forEach(local -> add(index, local, portOf.applyAsInt(local.id())));
        elsewhere.come().forEach(remote -> add(index, remote));
    }

    private Present add(NetworkState network, ToIntFunction<EndpointId> portOf) {
        unique = true;
        int index = indices.nextClearBit(0);
        indices.set(index);
        describe(index, network);
        networkByVni.put(0, network.vni(), index);
        EndpointId gateway = EndpointId.ofGateway(network.vni());
        // By its MAC nothing is forwarded there: only GatewayService says what goes to it.
        int gatewayPort = takePort(gateway, portOf.applyAsInt(gateway), index, network.gatewayMac().value());
        unique &= addresses.open(index, network, gatewayPort);
        unique &= addresses.setServices(index, network.services(), network.gatewayMac().value());
        network.locals().forEach(local -> add(index, local, portOf.applyAsInt(local.id())));
        network.remotes().forEach(remote -> add(index, remote));
        addresses.settle(index);
        return new Present(index, network, !unique);
    }

    private void describe(int index, NetworkState network) {
        boolean known = index < networks.length && networks[index] != null && networks[index].vni() == network.vni();
        PolicyTable before = known ? networks[index].policy() : null;
        Tables.Network row = new Tables.Network(network.vni(), network.gatewayMac().value(), network.mtu(),
                network.encryption().map(SaTable::number).orElse(SaTable.CLEAR),
                PolicyTable.of(network.policies(), before));
        if (index >= networks.length || !row.equals(networks[index])) {
            networks = Arrays.copyOf(networks, Math.max(networks.length, index + 1));
            networks[index] = row;
        }
    }

    private void remove(Present network) {
        int index = network.index();
        network.state().locals().forEach(local -> remove(index, local));
        network.state().remotes().forEach(remote -> remove(index, remote));
        leavePort(EndpointId.ofGateway(network.state().vni()), index, network.state().gatewayMac().value());
        addresses.close(index, network.state());
        networkByVni.remove(0, network.state().vni());
        indices.clear(index);
    }

    private void add(int network, LocalEndpoint local, int port) {
        if (takePort(local.id(), port, network, local.mac().value()) != NONE) {
            routers.set(port, local.routes());
            putMac(locals, network, local, port);
        }
        unique &= addresses.add(network, local, port);
    }

    private void add(int network, RemoteEndpoint remote) {
        int vtep = vteps.acquire(remote.vtep());
        members.put(network, vtep, Math.max(0, members.get(network, vtep)) + 1);
        putMac(remotes, network, remote, vtep);
        unique &= addresses.add(network, remote, NONE);
    }

    private void putMac(PairMap.Editor macs, int network, Member member, int value) {
        long mac = member.mac().value();
        if (macs.get(network, mac) == NONE) {
            macs.put(network, mac, value);
        } else {
            unique = false;
        }
    }

    private void remove(int network, LocalEndpoint local) {
        leavePort(local.id(), network, local.mac().value());
        locals.remove(network, local.mac().value());
        addresses.remove(network, local);
    }

    private void remove(int network, RemoteEndpoint remote) {
        int vtep = vteps.release(remote.vtep());
        int left = members.get(network, vtep) - 1;
        if (left == 0) {
            members.remove(network, vtep);
        } else {
            members.put(network, vtep, left);
        }
        remotes.remove(network, remote.mac().value());
        addresses.remove(network, remote);
    }

    private int takePort(EndpointId who, int port, int network, long mac) {
        if (port != NONE) {
            ports.put(who, port);
            setPort(port, network, mac);
        }
        return port;
    }

    private void leavePort(EndpointId who, int network, long mac) {
        Integer port = ports.remove(who);
        if (port != null && networkOfPort[port] == network && macOfPort[port] == mac) {
            setPort(port, NONE, Tables.NO_MAC);
            routers.clear(port);
        }
    }

    private void setPort(int port, int network, long mac) {
        int before = networkOfPort.length;
        if (port >= before) {
            networkOfPort = Arrays.copyOf(networkOfPort, port + 1);
            macOfPort = Arrays.copyOf(macOfPort, port + 1);
            Arrays.fill(networkOfPort, before, port, NONE);
            Arrays.fill(macOfPort, before, port, Tables.NO_MAC);
        }
        networkOfPort[port] = network;
        macOfPort[port] = mac;
    }

    Tables.Network[] networks() {
        return networks;
    }

    int[] networkOfPort() {
        return networkOfPort.clone();
    }

    long[] macOfPort() {
        return macOfPort.clone();
    }

    BitSet routers() {
        return (BitSet) routers.clone();
    }

    PairMap networkByVni() {
        return networkByVni.snapshot();
    }

    PairMap members() {
        return members.snapshot();
    }

    PairMap remotes() {
        return remotes.snapshot();
    }

    PairMap locals() {
        return locals.snapshot();
    }

    VtepEditor vteps() {
        return vteps;
    }

    SaTable associations() {
        return associations;
    }

    OverlayAddresses addresses() {
        return addresses.snapshot();
    }
}
