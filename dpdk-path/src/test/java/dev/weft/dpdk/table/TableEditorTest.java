package dev.weft.dpdk.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.MacAddress;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.Members;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.path.ServiceState;
import dev.weft.api.path.Spread;
import dev.weft.api.path.SubnetState;
import dev.weft.api.wire.AddressBits;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The tables made step by step say the same as those made from nothing, whatever the steps were. */
class TableEditorTest {

    private static final List<SubnetState> SUBNETS = List.of(new SubnetState(Cidr.parse("10.0.0.0/16"), ip("10.0.0.1")),
            new SubnetState(Cidr.parse("fd00::/64"), ip("fd00::1")));
    private static final int NUMBERS = 40;

    private final Random random = new Random(41);
    private final Map<Integer, NetworkState> networks = new TreeMap<>();
    private final Map<EndpointId, Integer> ports = new HashMap<>();
    private final Set<EndpointId> moved = new HashSet<>();
    private int nextPort = 1;

    private static InetAddress ip(String text) {
        return InetAddress.ofLiteral(text);
    }

    private static List<InetAddress> addresses(int number) {
        return List.of(ip("10.0.1." + number), ip("fd00::" + Integer.toHexString(0x100 + number)));
    }

    private static InetAddress vtep(int number) {
        return number % 5 == 0 ? ip("2001:db8::" + number) : ip("192.0.2." + number);
    }

    @Test
    void shouldSayWhatTablesMadeFromNothingSay() {
        run(300, false);
    }

    /** News that arrive bit by bit: two endpoints with one MAC and address, an endpoint with the address of a VIP. */
    @Test
    void shouldSoEvenWhileTwoHaveTheSameAddress() {
        run(300, true);
    }

    private void run(int rounds, boolean clashes) {
        TableEditor editor = new TableEditor();
        List<Tables> made = new ArrayList<>();
        List<String> said = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            for (int change = random.nextInt(4); change >= 0; change--) {
                changeSomething(clashes);
            }
            DataPathState state = new DataPathState(round, List.copyOf(networks.values()));
            made.add(editor.apply(state, this::port, moved, List.of()));
            moved.clear();
            said.add(everything(Tables.of(state, this::port)));
            assertEquals(said.getLast(), everything(made.getLast()), "round " + round);
        }
        for (int i = 0; i < rounds; i += 37) {
            assertEquals(said.get(i), everything(made.get(i)), "a snapshot never changes");
        }
    }

    private int port(EndpointId id) {
        return ports.getOrDefault(id, Tables.NONE);
    }

    private void changeSomething(boolean clashes) {
        int vni = 7 + random.nextInt(3);
        NetworkState network = networks.get(vni);
        if (network == null) {
            networks.put(vni, new NetworkState("n" + vni, vni, 1450, NetworkState.gatewayMacOf(vni), SUBNETS, List.of(), List.of(), List.of()));
            movePort(EndpointId.ofGateway(vni));
            return;
        }
        int number = 2 + random.nextInt(NUMBERS);
        int named = clashes ? 2 + random.nextInt(NUMBERS) : number;
        EndpointId id = new EndpointId(vni, "e" + named);
        switch (random.nextInt(13)) {
            case 0 -> {
                ports.keySet().removeIf(each -> each.vni() == vni);
                networks.remove(vni);
            }
            case 1, 2, 3 -> networks.put(vni, withRemote(gone(network, id), id, number));
            case 4, 5 -> {
                networks.put(vni, withLocal(gone(network, id), id, number));
                movePort(id);
            }
            case 6, 7 -> networks.put(vni, gone(network, id));
            case 8, 9 -> networks.put(vni, withServices(network, clashes));
            case 10 -> network.locals().find(id.name()).ifPresent(_ -> movePort(id));
            case 11 -> movePort(EndpointId.ofGateway(vni));
            default -> networks.put(vni, with(network, 1400 + random.nextInt(3), network.locals(), network.remotes(), network.services()));
        }
    }

    /** Never an index that an endpoint of the tables before has: a data path does not either. */
    private void movePort(EndpointId id) {
        moved.add(id);
        if (random.nextInt(4) == 0) {
            ports.remove(id);
        } else {
            ports.put(id, nextPort++);
        }
    }

    private NetworkState gone(NetworkState network, EndpointId id) {
        ports.remove(id);
        moved.add(id);
        return with(network, network.mtu(), network.locals().without(id.name()), network.remotes().without(id.name()), network.services());
    }

    private NetworkState withRemote(NetworkState network, EndpointId id, int number) {
        RemoteEndpoint remote = new RemoteEndpoint(id, new MacAddress(0x0200_0000_0000L + number), addresses(number), vtep(1 + random.nextInt(9)));
        return with(network, network.mtu(), network.locals(), network.remotes().with(remote), network.services());
    }

    private static NetworkState withLocal(NetworkState network, EndpointId id, int number) {
        return with(network, network.mtu(), network.locals().with(new LocalEndpoint(id, new MacAddress(0x0200_0000_0000L + number), addresses(number),
                new Attachment.InProcess())), network.remotes(), network.services());
    }

    private NetworkState withServices(NetworkState network, boolean clashes) {
        List<ServiceState> services = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            List<InetAddress> backends = new ArrayList<>();
            for (int n = random.nextInt(5); n > 0; n--) {
                backends.add(addresses(2 + random.nextInt(NUMBERS)).get(i % 2));
            }
            InetAddress vip = clashes && random.nextBoolean() ? addresses(2 + random.nextInt(NUMBERS)).get(i % 2)
                    : ip(i % 2 == 0 ? "10.0.2." + i : "fd00::200:" + i);
            List<InetAddress> draining = random.nextBoolean() ? List.of() : List.of(addresses(2 + random.nextInt(NUMBERS)).get(i % 2));
            services.add(new ServiceState("s" + i, vip, backends, draining, Spread.EVEN));
        }
        return with(network, network.mtu(), network.locals(), network.remotes(), services);
    }

    private static NetworkState with(NetworkState network, int mtu, Members<LocalEndpoint> locals, Members<RemoteEndpoint> remotes,
                                     List<ServiceState> services) {
        return new NetworkState(network.name(), network.vni(), mtu, network.gatewayMac(), SUBNETS, locals, remotes, services, Optional.empty());
    }

    /** Every answer to every question that the packet path may ask, with no index in it, since those differ. */
    private String everything(Tables tables) {
        StringBuilder text = new StringBuilder();
        text.append(new TreeSet<>(tables.vteps().stream().map(InetAddress::getHostAddress).toList())).append('\n');
        for (int vni = 6; vni < 11; vni++) {
            int network = tables.network(vni);
            if (network != Tables.NONE) {
                text.append(tables.vni(network)).append(' ').append(tables.mtu(network)).append(' ').append(tables.gatewayMac(network)).append('\n');
                members(text, tables, network);
                addresses(text, tables, network);
            }
        }
        for (int port = 0; port < nextPort; port++) {
            int network = tables.networkOfPort(port);
            text.append(network == Tables.NONE ? "" : "port " + port + " " + tables.vni(network) + " " + tables.macOfPort(port) + "\n");
        }
        return text.toString();
    }

    private static void members(StringBuilder text, Tables tables, int network) {
        for (int number = 0; number < 10; number++) {
            InetAddress address = vtep(number);
            int vtep = tables.vtep(AddressBits.high(address), AddressBits.low(address));
            text.append(vtep != Tables.NONE && tables.isVtepOf(network, vtep) ? "member " + tables.vteps().get(vtep) + "\n" : "");
        }
        for (int number = 0; number < NUMBERS + 3; number++) {
            long mac = 0x0200_0000_0000L + number;
            int vtep = tables.remoteVtep(network, mac);
            text.append(tables.localPort(network, mac)).append(vtep == Tables.NONE ? "" : tables.vteps().get(vtep)).append(' ');
        }
        text.append('\n');
    }

    private static void addresses(StringBuilder text, Tables tables, int network) {
        OverlayAddresses all = tables.addresses();
        List<InetAddress> asked = new ArrayList<>(List.of(ip("10.0.0.1"), ip("fd00::1"), ip("10.0.2.2"), ip("fd00::200:1"), ip("fd00::200:3")));
        for (int number = 0; number < NUMBERS + 3; number++) {
            asked.addAll(addresses(number));
        }
        for (InetAddress address : asked) {
            int row = all.find(network, AddressBits.high(address), AddressBits.low(address));
            if (row != Tables.NONE) {
                assertEquals(AddressBits.low(address), all.low(row));
                text.append(address.getHostAddress()).append(' ').append(all.mac(row)).append(' ').append(all.port(row)).append(' ')
                        .append(all.isAnycast(row)).append(backends(all, all.service(row)));
                asked.stream().map(each -> all.find(network, AddressBits.high(each), AddressBits.low(each)))
                        .filter(each -> each != Tables.NONE && all.service(row) != Tables.NONE && all.keepsFlows(all.service(row), each))
                        .forEach(each -> text.append(" keeps ").append(Long.toHexString(all.low(each))));
                text.append('\n');
            }
        }
        for (boolean ipv4 : new boolean[] {true, false}) {
            text.append(Long.toHexString(all.low(all.gateway(network, ipv4)))).append('\n');
        }
    }

    private static String backends(OverlayAddresses all, int service) {
        StringBuilder text = new StringBuilder();
        for (int n = 0; service != Tables.NONE && n < all.backendCount(service); n++) {
            text.append(' ').append(Long.toHexString(all.high(all.backend(service, n))))
                    .append(':').append(Long.toHexString(all.low(all.backend(service, n))));
        }
        return text.toString();
    }

    @Test
    void shouldKeepTheVtepsAsTheyAreWhileNoneComesOrGoes() {
        TableEditor editor = new TableEditor();
        NetworkState network = new NetworkState("n7", 7, 1450, NetworkState.gatewayMacOf(7), SUBNETS, List.of(), List.of(
                remote(2, 1), remote(3, 1), remote(4, 2)), List.of());
        Tables before = apply(editor, network);
        Tables after = apply(editor, with(network, 1450, network.locals(), network.remotes().without("e3").with(remote(5, 2)), List.of()));
        assertSame(before.vteps(), after.vteps());
        Tables moved = apply(editor, with(network, 1450, network.locals(), Members.of(List.of(remote(2, 1), remote(4, 3))), List.of()));
        assertEquals(Set.of(vtep(1), vtep(3)), Set.copyOf(moved.vteps()));
        assertTrue(apply(editor, with(network, 1450, network.locals(), Members.none(), List.of())).vteps().isEmpty());
    }

    private static RemoteEndpoint remote(int number, int vtep) {
        return new RemoteEndpoint(new EndpointId(7, "e" + number), new MacAddress(number), addresses(number), vtep(vtep));
    }

    private static Tables apply(TableEditor editor, NetworkState network) {
        return editor.apply(new DataPathState(1, List.of(network)), _ -> Tables.NONE, Set.of(), List.of());
    }
}
