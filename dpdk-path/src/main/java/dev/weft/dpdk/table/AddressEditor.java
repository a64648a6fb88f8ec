package dev.weft.dpdk.table;

import dev.weft.api.path.Member;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.ServiceState;
import dev.weft.api.path.Spread;
import dev.weft.api.path.SubnetState;
import dev.weft.api.wire.AddressBits;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Changes {@link OverlayAddresses} by what differs. One thread at a time. */
final class AddressEditor {

    private static final int NONE = PairMap.NONE;

    /** What is known of one network's addresses. */
    private static final class Network {
        private final PairIndex.Editor index;
        private List<ServiceState> services = List.of();
        private int[] serviceNumbers = {};
        /** Addresses of backends: when one comes or goes, the services have to be told. */
        private final Set<InetAddress> serving = new HashSet<>();
        /** By VIP and backend, as long as the service names both. */
        private Map<InetAddress, Map<InetAddress, LiveFlows>> live = new HashMap<>();
        private boolean backendsMoved;

        Network(RowPages.Editor rows) {
            index = new PairIndex.Editor(rows);
        }
    }

    private final RowPages.Editor rows = new RowPages.Editor();
    private Network[] networks = {};
    private int[] gatewayIpv4 = {};
    private int[] gatewayIpv6 = {};
    private OverlayAddresses.Backends[] backends = {};
    private final BitSet servicesTaken = new BitSet();

    /**
     * Makes room for a network and puts its gateways.
     *
     * @param port where the node itself serves as the gateway
     * @return false when an address was there already
     */
    boolean open(int network, NetworkState state, int port) {
        if (network >= networks.length) {
            networks = Arrays.copyOf(networks, network + 1);
        }
        networks[network] = new Network(rows);
        gatewayIpv4 = with(gatewayIpv4, network, NONE);
        gatewayIpv6 = with(gatewayIpv6, network, NONE);
        boolean unique = true;
        for (SubnetState subnet : state.subnets()) {
            InetAddress gateway = subnet.gateway();
            unique &= put(network, gateway, state.gatewayMac().value() | OverlayAddresses.ANYCAST, port, NONE);
            int row = find(network, gateway);
            if (gateway instanceof Inet4Address && gatewayIpv4[network] == NONE) {
                gatewayIpv4[network] = row;
            } else if (!(gateway instanceof Inet4Address) && gatewayIpv6[network] == NONE) {
                gatewayIpv6[network] = row;
            }
        }
        return unique;
    }

    private static int[] with(int[] numbers, int index, int value) {
        int[] changed = Arrays.copyOf(numbers, Math.max(numbers.length, index + 1));
        changed[index] = value;
        return changed;
    }

    /** Forgets the network and what is left in it. @param state as it was put */
    void close(int network, NetworkState state) {
        removeServices(network);
        state.subnets().forEach(subnet -> remove(network, subnet.gateway()));
        networks[network] = null;
    }

    /** @return false when an address was there already; the first one who has it keeps it */
    boolean add(int network, Member member, int port) {
        boolean unique = true;
        for (InetAddress address : member.addresses()) {
            unique &= put(network, address, member.mac().value(), port, NONE);
            networks[network].backendsMoved |= networks[network].serving.contains(address);
        }
        return unique;
    }

    void remove(int network, Member member) {
        for (InetAddress address : member.addresses()) {
            remove(network, address);
            networks[network].backendsMoved |= networks[network].serving.contains(address);
        }
    }

    /** Puts the VIPs of these services and no others. @return false when an address was there already */
    boolean setServices(int network, List<ServiceState> services, long gatewayMac) {
        removeServices(network);
        Network into = networks[network];
        into.services = services;
        into.serviceNumbers = new int[services.size()];
        boolean unique = true;
        for (int i = 0; i < services.size(); i++) {
            int number = servicesTaken.nextClearBit(0);
            servicesTaken.set(number);
            into.serviceNumbers[i] = number;
            unique &= put(network, services.get(i).vip(), gatewayMac | OverlayAddresses.ANYCAST, NONE, number);
            into.serving.addAll(services.get(i).backends());
            into.serving.addAll(services.get(i).draining());
        }
        into.backendsMoved = !services.isEmpty();
        return unique;
    }

    private void removeServices(int network) {
        Network from = networks[network];
        for (int i = 0; i < from.serviceNumbers.length; i++) {
            remove(network, from.services.get(i).vip());
            servicesTaken.clear(from.serviceNumbers[i]);
        }
        from.services = List.of();
        from.serviceNumbers = new int[0];
        from.serving.clear();
    }

    /** After all changes of a network: its services name the rows of their backends. */
    void settle(int network) {
        Network settled = networks[network];
        if (!settled.backendsMoved) {
            return;
        }
        settled.backendsMoved = false;
        Map<InetAddress, Map<InetAddress, LiveFlows>> live = new HashMap<>();
        settled.services.forEach(service -> live.put(service.vip(), counters(service, settled.live.getOrDefault(service.vip(), Map.of()))));
        settled.live = live;
        backends = Arrays.copyOf(backends, Math.max(backends.length, servicesTaken.length()));
        for (int i = 0; i < settled.serviceNumbers.length; i++) {
            backends[settled.serviceNumbers[i]] = backends(network, settled.services.get(i));
        }
    }

    /** Those that were there go on: flows are counted by them. */
    private static Map<InetAddress, LiveFlows> counters(ServiceState service, Map<InetAddress, LiveFlows> before) {
        Map<InetAddress, LiveFlows> counters = new HashMap<>();
        Stream.concat(service.backends().stream(), service.draining().stream())
                .forEach(backend -> counters.put(backend, before.getOrDefault(backend, new LiveFlows())));
        return counters;
    }

    private OverlayAddresses.Backends backends(int network, ServiceState service) {
        int[] found = IntStream.range(0, service.backends().size()).filter(i -> find(network, service.backends().get(i)) != NONE).toArray();
        Spread spread = service.spread();
        List<InetAddress> present = Arrays.stream(found).mapToObj(service.backends()::get).toList();
        int[] draining = service.draining().stream().mapToInt(address -> find(network, address)).filter(row -> row != NONE).toArray();
        Spread ofPresent = new Spread(spread.method(), spread.affinity(), Arrays.stream(found).mapToObj(spread::weight).toList());
        Map<InetAddress, LiveFlows> live = networks[network].live.get(service.vip());
        int[] addresses = present.stream().mapToInt(address -> find(network, address)).toArray();
        return new OverlayAddresses.Backends(addresses, OverlayAddresses.targets(addresses, rows),
                present.stream().map(live::get).toArray(LiveFlows[]::new), ofPresent.slots(present),
                spread.affinity(), draining, spread.isByLeastConnections()
                        ? IntStream.range(0, found.length).map(ofPresent::weight).toArray() : null);
    }

    private int find(int network, InetAddress address) {
        return networks[network].index.find(AddressBits.high(address), AddressBits.low(address));
    }

    private boolean put(int network, InetAddress address, long mac, int port, int service) {
        if (find(network, address) != NONE) {
            return false;
        }
        networks[network].index.add(AddressBits.high(address), AddressBits.low(address), mac, OverlayAddresses.packed(port, service));
        return true;
    }

    private void remove(int network, InetAddress address) {
        networks[network].index.remove(AddressBits.high(address), AddressBits.low(address));
    }

    OverlayAddresses snapshot() {
        PairIndex[] byNetwork = new PairIndex[networks.length];
        for (int i = 0; i < networks.length; i++) {
            byNetwork[i] = networks[i] == null ? null : networks[i].index.snapshot();
        }
        return new OverlayAddresses(byNetwork, rows.snapshot(), backends, gatewayIpv4, gatewayIpv6);
    }
}
