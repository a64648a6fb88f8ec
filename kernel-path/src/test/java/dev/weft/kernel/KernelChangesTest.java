package dev.weft.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.MacAddress;
import dev.weft.api.PipelineSpec;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.Members;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.path.ServiceState;
import dev.weft.api.path.SubnetState;
import dev.weft.testing.Shell;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Changes by difference leave the kernel as an audit would: the audit, which asks the kernel for everything, finds nothing to do. */
@Tag("privileged")
class KernelChangesTest {

    private static final int VNI = 700;
    private static final String NAMESPACE = "weft-cccccccc-" + VNI;
    private static final List<SubnetState> SUBNETS = List.of(new SubnetState(Cidr.parse("10.70.0.0/16"), Cidr.parseAddress("10.70.0.1")),
            new SubnetState(Cidr.parse("fd70::/64"), Cidr.parseAddress("fd70::1")));

    private final Random random = new Random(70);
    private final String host = "wk" + ProcessHandle.current().pid() + "-hc";
    private final Map<Integer, NetworkState> networks = new TreeMap<>();
    private KernelDataPath path;
    private long epoch;

    @BeforeEach
    void open() {
        Shell.words("ip netns add " + host);
        Shell.words("ip -n " + host + " link add up0 type veth peer name up1");
        Shell.words("ip -n " + host + " addr add 192.0.2.1/24 dev up0");
        Shell.words("ip -n " + host + " link set up0 up");
        path = KernelDataPath.open(new DataPathConfig("cccccccc", Cidr.parseAddress("192.0.2.1"), 4789, Optional.empty(), Optional.of(host),
                PipelineSpec.DEFAULT));
    }

    @AfterEach
    void close() {
        try {
            path.close();
        } finally {
            Shell.words("ip netns del " + host);
        }
    }

    private static NetworkState network(int vni, Members<LocalEndpoint> locals, Members<RemoteEndpoint> remotes, List<ServiceState> services) {
        return new NetworkState("n" + vni, vni, 1450, NetworkState.gatewayMacOf(vni), SUBNETS, locals, remotes, services, Optional.empty());
    }

    private static List<InetAddress> addresses(int number) {
        return List.of(Cidr.parseAddress("10.70." + (number >> 8) + "." + (number & 255)),
                Cidr.parseAddress("fd70::1:" + Integer.toHexString(number)));
    }

    private static LocalEndpoint local(int vni, int number) {
        return new LocalEndpoint(new EndpointId(vni, "e" + number), new MacAddress(0x0200_0000_0000L + number), addresses(number),
                new Attachment.InProcess());
    }

    private static RemoteEndpoint remote(int vni, int number, int vtep) {
        return new RemoteEndpoint(new EndpointId(vni, "e" + number), new MacAddress(0x0200_0000_0000L + number), addresses(number),
                Cidr.parseAddress("192.0.2." + vtep));
    }

    private Map<EndpointId, WeftException> apply() {
        return path.apply(new DataPathState(++epoch, List.copyOf(networks.values())));
    }

    private void assertNothingToRepair(String when) {
        long before = path.changes();
        path.audit();
        assertEquals(before, path.changes(), when);
    }

    @Test
    void shouldLeaveNothingToRepairAfterAnyChanges() {
        for (int round = 0; round < 120; round++) {
            for (int change = random.nextInt(4); change >= 0; change--) {
                changeSomething();
            }
            assertEquals(Map.of(), apply());
            if (round % 6 == 0) {
                assertNothingToRepair("round " + round);
            }
        }
    }

    @Test
    void shouldPutRightLaterWhatAnAuditCouldNot() {
        networks.put(VNI, network(VNI, Members.none(), Members.none(), List.of()));
        assertEquals(Map.of(), apply());
        Shell.words("ip -n " + NAMESPACE + " link del vxlan0");
        Shell.words("ip -n " + host + " link add other type vxlan id " + VNI + " dstport 4789 local 192.0.2.1");
        assertThrows(WeftException.DataPathFailed.class, path::audit, "the tunnel is somebody else's");

        Shell.words("ip -n " + host + " link del other");
        path.audit();

        assertTrue(Shell.words("ip -n " + NAMESPACE + " link show vxlan0").contains("master br0"));
    }

    @Test
    void shouldSayOfAnAuditThatAnEndpointIsLost() {
        String box = host + "b";
        Shell.words("ip netns add " + box);
        try {
            LocalEndpoint inside = new LocalEndpoint(new EndpointId(VNI, "e9"), new MacAddress(0x0200_0000_0009L), addresses(9),
                    new Attachment.NetworkNamespace(box, "eth7"));
            networks.put(VNI, network(VNI, Members.of(List.of(inside)), Members.none(), List.of()));
            assertEquals(Map.of(), apply());
            path.audit();
            Shell.words("ip -n " + box + " link del eth7");
            Shell.words("ip -n " + box + " link add eth7 type bridge");
            String said = assertThrows(WeftException.DataPathFailed.class, path::audit).getMessage();
            assertTrue(said.contains("e9") && said.contains("eth7"), said);

            Shell.words("ip -n " + box + " link del eth7");
            path.audit();

            assertTrue(Shell.words("ip -n " + box + " addr show eth7").contains("10.70.0.9/16"));
        } finally {
            Shell.words("ip netns del " + box);
        }
    }

    /** One transaction then has some thousand messages, and the map of a service with many backends is some hundred kB long. */
    @Test
    void shouldCarryManyEndpointsAndServicesOfManyBackends() {
        Members<LocalEndpoint> locals = Members.none();
        List<InetAddress> backends = new ArrayList<>();
        for (int number = 2; number < 152; number++) {
            locals = locals.with(local(VNI, number));
            backends.add(addresses(number).getFirst());
        }
        ServiceState service = new ServiceState("web", Cidr.parseAddress("10.70.9.9"), backends);
        networks.put(VNI, network(VNI, locals, Members.none(), List.of(service)));
        assertEquals(Map.of(), apply());
        assertNothingToRepair("many endpoints");
    }

    private void changeSomething() {
        int vni = VNI + random.nextInt(2);
        NetworkState network = networks.computeIfAbsent(vni, missing -> network(missing, Members.none(), Members.none(), List.of()));
        int number = 2 + random.nextInt(30);
        Members<LocalEndpoint> locals = network.locals().without("e" + number);
        Members<RemoteEndpoint> remotes = network.remotes().without("e" + number);
        List<ServiceState> services = network.services();
        switch (random.nextInt(10)) {
            case 0, 1, 2, 3 -> remotes = remotes.with(remote(vni, number, 2 + random.nextInt(5)));
            case 4, 5 -> locals = locals.size() < 4 ? locals.with(local(vni, number)) : locals;
            case 6, 7 -> services = services(number);
            default -> { }
        }
        networks.put(vni, network(vni, locals, remotes, services));
        if (random.nextInt(40) == 0) {
            networks.remove(vni);
        }
    }

    private List<ServiceState> services(int number) {
        List<ServiceState> services = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            services.add(new ServiceState("s" + i, Cidr.parseAddress("10.70.9." + i), List.of(addresses(number).getFirst())));
        }
        return services;
    }

    /** Counted in requests, which do not depend on how fast the machine is. */
    @Test
    void shouldAskTheKernelForNoMoreThanTheChange() {
        Members<RemoteEndpoint> remotes = Members.none();
        for (int number = 10; number < 2_010; number++) {
            remotes = remotes.with(remote(VNI, number, 2 + number % 3));
        }
        networks.put(VNI, network(VNI, Members.of(List.of(local(VNI, 2))), remotes, List.of()));
        apply();
        long before = path.changes();
        networks.put(VNI, network(VNI, networks.get(VNI).locals(), remotes.with(remote(VNI, 5_000, 2)), List.of()));
        apply();
        assertEquals(4, path.changes() - before, "two neighbours, and an entry in the FDB of the bridge and of the tunnel");
        networks.put(VNI, network(VNI, networks.get(VNI).locals(), remotes.with(remote(VNI, 5_000, 3)), List.of()));
        apply();
        assertEquals(6, path.changes() - before, "the tunnel's entry goes, and comes with another VTEP");
        networks.put(VNI, network(VNI, networks.get(VNI).locals(), remotes, List.of()));
        apply();
        assertEquals(10, path.changes() - before);
        assertNothingToRepair("after the changes");
    }

    @Test
    void shouldPutRightWhatSomebodyElseChanged() {
        networks.put(VNI, network(VNI, Members.of(List.of(local(VNI, 2))), Members.of(List.of(remote(VNI, 3, 2), remote(VNI, 4, 2))), List.of()));
        apply();
        String neighbour = "ip -n " + NAMESPACE + " neigh del 10.70.0.3 dev br0";
        Shell.words(neighbour);
        apply();
        Shell.words(neighbour); // it was there again: the same state is an order to look at everything
        path.audit();
        Shell.words(neighbour);
        networks.put(VNI, network(VNI, networks.get(VNI).locals(), networks.get(VNI).remotes().without("e3"), List.of()));
        assertEquals(Map.of(), apply(), "a neighbour that is not there any more need not be removed");
        assertNothingToRepair("after the fallback");
    }

    /** As while the news of a move arrive bit by bit: the newcomer before the farewell. */
    @Test
    void shouldEndWellWhenTwoEndpointsHadTheSameAddressForAWhile() {
        RemoteEndpoint old = remote(VNI, 3, 2);
        RemoteEndpoint heir = new RemoteEndpoint(new EndpointId(VNI, "heir"), old.mac(), old.addresses(), Cidr.parseAddress("192.0.2.3"));
        networks.put(VNI, network(VNI, Members.of(List.of(local(VNI, 2))), Members.of(List.of(old)), List.of()));
        apply();
        networks.put(VNI, network(VNI, networks.get(VNI).locals(), Members.of(List.of(old, heir)), List.of()));
        apply();
        networks.put(VNI, network(VNI, networks.get(VNI).locals(), Members.of(List.of(heir)), List.of()));
        apply();
        assertNothingToRepair("the heir has it");
        String fdb = Shell.words("bridge -n " + NAMESPACE + " fdb show dev vxlan0");
        assertTrue(fdb.contains("02:00:00:00:00:03 dst 192.0.2.3"), fdb);
    }

    @Test
    void shouldTryWhatFailedAgainWithTheNextChange() {
        LocalEndpoint lost = new LocalEndpoint(new EndpointId(VNI, "lost"), new MacAddress(0x0200_0000_00ffL), addresses(9),
                new Attachment.NetworkNamespace(host + "-late", "eth7"));
        networks.put(VNI, network(VNI, Members.of(List.of(local(VNI, 2), lost)), Members.none(), List.of()));
        assertInstanceOf(WeftException.NotFound.class, apply().get(lost.id()));
        networks.put(VNI, network(VNI, networks.get(VNI).locals(), Members.of(List.of(remote(VNI, 3, 2))), List.of()));
        assertInstanceOf(WeftException.NotFound.class, apply().get(lost.id()));
        Shell.words("ip netns add " + host + "-late");
        try {
            networks.put(VNI, network(VNI, networks.get(VNI).locals(), Members.none(), List.of()));
            assertEquals(Map.of(), apply());
            assertNothingToRepair("all made");
        } finally {
            Shell.words("ip netns del " + host + "-late");
        }
    }

    /** The kernel takes an interface out of a deleted namespace, and with it the port, some time after the name has gone. */
    @Test
    void shouldGoOnWhileNamespacesOfEndpointsGo() {
        LocalEndpoint other = local(VNI, 2);
        for (int number = 0; number < 60; number++) {
            int round = number;
            String late = host + "-late" + round;
            Shell.words("ip netns add " + late);
            LocalEndpoint lost = new LocalEndpoint(new EndpointId(VNI, "lost"), new MacAddress(0x0200_0000_00ffL), addresses(9),
                    new Attachment.NetworkNamespace(late, "eth7"));
            networks.put(VNI, network(VNI, Members.of(List.of(other, lost)), Members.none(), List.of()));
            assertEquals(Map.of(), apply());
            Shell.words("ip netns del " + late);
            if (round % 3 == 0) {
                path.audit();
            } else {
                networks.put(VNI, network(VNI, Members.of(List.of(other)), Members.none(), List.of()));
                networks.keySet().removeIf(vni -> round % 3 == 1);
                assertEquals(Map.of(), apply());
            }
        }
    }
}
