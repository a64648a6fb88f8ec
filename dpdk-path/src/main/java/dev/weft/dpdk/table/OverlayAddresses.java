package dev.weft.dpdk.table;

import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.Member;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.path.ServiceState;
import dev.weft.api.path.SubnetState;
import dev.weft.api.wire.AddressBits;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * Who has which address, in all networks of a snapshot: endpoints here and elsewhere, gateways, VIPs. An address goes by its index.
 * Immutable; any thread may read.
 */
public final class OverlayAddresses {

    private static final int NONE = PairMap.NONE;

    private record Entry(InetAddress address, long mac, int port, int service, boolean anycast) {
    }

    private final PairMap[] byNetwork;
    private final long[] high;
    private final long[] low;
    private final long[] mac;
    private final int[] port;
    private final int[] service;
    private final boolean[] anycast;
    private final int[][] backends;
    private final int[] gatewayIpv4;
    private final int[] gatewayIpv6;

    OverlayAddresses(List<NetworkState> networks, ToIntFunction<EndpointId> portOf) {
        List<Entry> entries = new ArrayList<>();
        List<int[]> backendsOfServices = new ArrayList<>();
        byNetwork = new PairMap[networks.size()];
        gatewayIpv4 = new int[networks.size()];
        gatewayIpv6 = new int[networks.size()];
        for (int network = 0; network < networks.size(); network++) {
            NetworkState state = networks.get(network);
            int first = entries.size();
            gatewayIpv4[network] = gateway(state, true, first);
            gatewayIpv6[network] = gateway(state, false, first);
            collect(state, portOf, backendsOfServices.size(), entries);
            byNetwork[network] = index(entries, first);
            for (ServiceState each : state.services()) {
                backendsOfServices.add(backends(each, byNetwork[network]));
            }
        }
        high = entries.stream().mapToLong(entry -> AddressBits.high(entry.address())).toArray();
        low = entries.stream().mapToLong(entry -> AddressBits.low(entry.address())).toArray();
        mac = entries.stream().mapToLong(Entry::mac).toArray();
        port = entries.stream().mapToInt(Entry::port).toArray();
        service = entries.stream().mapToInt(Entry::service).toArray();
        anycast = new boolean[entries.size()];
        for (int i = 0; i < anycast.length; i++) {
            anycast[i] = entries.get(i).anycast();
        }
        backends = backendsOfServices.toArray(int[][]::new);
    }

    /** Gateways come first, in the order of the subnets: {@link #gateway} counts on that. */
    private static void collect(NetworkState state, ToIntFunction<EndpointId> portOf, int firstService, List<Entry> entries) {
        long anycast = state.gatewayMac().value();
        for (SubnetState subnet : state.subnets()) {
            entries.add(new Entry(subnet.gateway(), anycast, NONE, NONE, true));
        }
        for (int i = 0; i < state.services().size(); i++) {
            entries.add(new Entry(state.services().get(i).vip(), anycast, NONE, firstService + i, true));
        }
        for (LocalEndpoint local : state.locals()) {
            addAll(entries, local, portOf.applyAsInt(local.id()));
        }
        for (RemoteEndpoint remote : state.remotes()) {
            addAll(entries, remote, NONE);
        }
    }

    private static void addAll(List<Entry> entries, Member member, int port) {
        member.addresses().forEach(address -> entries.add(new Entry(address, member.mac().value(), port, NONE, false)));
    }

    private static int gateway(NetworkState state, boolean ipv4, int first) {
        for (int i = 0; i < state.subnets().size(); i++) {
            if (state.subnets().get(i).gateway() instanceof Inet4Address == ipv4) {
                return first + i;
            }
        }
        return NONE;
    }

    private static PairMap index(List<Entry> entries, int first) {
        PairMap.Builder map = new PairMap.Builder();
        for (int i = first; i < entries.size(); i++) {
            InetAddress address = entries.get(i).address();
            map.put(AddressBits.high(address), AddressBits.low(address), i);
        }
        return map.build();
    }

    private static int[] backends(ServiceState service, PairMap addresses) {
        return service.backends().stream().mapToInt(backend -> addresses.get(AddressBits.high(backend), AddressBits.low(backend)))
                .filter(address -> address != NONE).toArray();
    }

    /** The index of an address of the network, or {@link Tables#NONE}. */
    public int find(int network, long addressHigh, long addressLow) {
        return byNetwork[network].get(addressHigh, addressLow);
    }

    public long high(int address) {
        return high[address];
    }

    public long low(int address) {
        return low[address];
    }

    /** Who has it: of gateways and VIPs the network's anycast MAC. */
    public long mac(int address) {
        return mac[address];
    }

    /** The port of the endpoint of this node that has it, or {@link Tables#NONE}. */
    public int port(int address) {
        return port[address];
    }

    /** True for gateways and VIPs: every node answers for them. */
    public boolean isAnycast(int address) {
        return anycast[address];
    }

    /** The service whose VIP it is, or {@link Tables#NONE}. */
    public int service(int address) {
        return service[address];
    }

    public int backendCount(int theService) {
        return backends[theService].length;
    }

    /** The address of a backend. @param n 0 to {@link #backendCount} - 1 */
    public int backend(int theService, int n) {
        return backends[theService][n];
    }

    /** The gateway's address of a family, or {@link Tables#NONE}. */
    public int gateway(int network, boolean ipv4) {
        return ipv4 ? gatewayIpv4[network] : gatewayIpv6[network];
    }
}
