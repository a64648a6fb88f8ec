package dev.weft.dpdk;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.Cipher;
import dev.weft.api.LoadBalancing;
import dev.weft.api.MacAddress;
import dev.weft.api.PipelineSpec;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.PolicyState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.path.ServiceState;
import dev.weft.api.path.Spread;
import dev.weft.api.path.SubnetState;
import dev.weft.dpdk.esp.InstalledPeer;
import dev.weft.dpdk.pipeline.Poller;
import dev.weft.dpdk.pipeline.PollerThread;
import dev.weft.dpdk.port.PacketPool;
import dev.weft.dpdk.port.Port;
import dev.weft.dpdk.port.Ports;
import dev.weft.dpdk.table.Tables;
import dev.weft.dpdk.underlay.RouteTable;
import dev.weft.dpdk.underlay.Underlay;
import dev.weft.dpdk.underlay.VtepOwner;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The overlay that the prepared frames belong to: endpoint a here at port 1, the gateway at port 2, b and c behind 192.0.2.2; VIPs with b,
 * b again, b and c, and nobody behind them.
 */
final class OverlayFixture {

    static final int ENDPOINT = Ports.FIRST_ENDPOINT;
    static final int GATEWAY = ENDPOINT + 1;
    static final int VNI = 77;
    static final Underlay UNDERLAY = new Underlay(InetAddress.ofLiteral("192.0.2.1"), 4789, MacAddress.parse("02:aa:00:00:00:01"),
            VtepOwner.PIPELINE);

    static final DataPathConfig CONFIG = new DataPathConfig("n", InetAddress.ofLiteral("192.0.2.1"), 4789, Optional.empty(), Optional.empty(),
            PipelineSpec.DEFAULT);

    private OverlayFixture() {
    }

    /** All stages between the two ports, in the caller's thread. */
    static Poller poller(Ports ports, PacketPool pool, Port uplinkPort, Port endpoint, Tables tables) {
        return poller(ports, pool, uplinkPort, endpoint, tables, PipelineSpec.DEFAULT);
    }

    /** All stages between the two ports, in the caller's thread and those of workers. */
    static Poller poller(Ports ports, PacketPool pool, Port uplinkPort, Port endpoint, Tables tables, PipelineSpec pipeline) {
        Uplink uplink = new Uplink(uplinkPort, Optional.empty(), pool, 1500, Optional.of(new Uplink.Ethernet(UNDERLAY, RouteTable.ON_LINK)),
                PollerThread.ThreadEntry.NONE, () -> { }, Optional.empty(), List.of());
        PacketWalk walk = new PacketWalk(CONFIG, uplink, ports, System::nanoTime);
        Poller poller = new Poller(ports, walk.pipeline(pipeline, () -> { }), pool, System::nanoTime, walk.housekeeping());
        poller.addPort(Ports.UPLINK, uplinkPort);
        poller.addPort(ENDPOINT, endpoint);
        poller.adopt(tables);
        return poller;
    }

    static Tables tables() {
        return tables(Optional.empty(), List.of());
    }

    /** The same network, encrypted with AES-128-GCM. */
    static Tables encrypted(List<InstalledPeer> peers) {
        return tables(Optional.of(Cipher.AES_128_GCM), peers);
    }

    /** One of b and c, by its IPv4 address, serves nobody any more. */
    static Tables withoutBackend(int address) {
        InetAddress gone = InetAddress.ofLiteral("10.77.0." + (address & 255));
        return tables(Optional.empty(), List.of(), backend -> !backend.equals(gone));
    }

    /** Endpoint a sends for others. */
    static Tables routing() {
        return tables(Optional.empty(), List.of(), _ -> true, true, List.of());
    }

    private static Tables tables(Optional<Cipher> encryption, List<InstalledPeer> peers) {
        return tables(encryption, peers, _ -> true);
    }

    private static Tables tables(Optional<Cipher> encryption, List<InstalledPeer> peers, Predicate<InetAddress> serves) {
        return tables(encryption, peers, serves, false, List.of());
    }

    static Tables withPolicies(List<PolicyState> policies) {
        return tables(Optional.empty(), List.of(), _ -> true, false, policies);
    }

    private static Tables tables(Optional<Cipher> encryption, List<InstalledPeer> peers, Predicate<InetAddress> serves, boolean routes,
                                 List<PolicyState> policies) {
        List<ServiceState> services = List.of(service("web", "10.77.0.200", serves, "10.77.0.11"),
                service("shop", "10.77.0.202", serves, "10.77.0.11"),
                service("wide", "10.77.0.203", serves, "10.77.0.11", "10.77.0.12"), service("none", "10.77.0.201", serves));
        return tables(encryption, peers, services, routes, policies);
    }

    /** Only VIPs with b alone, one a family. */
    static Tables dualStack() {
        return tables(Optional.empty(), List.of(), List.of(service("web", "10.77.0.200", _ -> true, "10.77.0.11"),
                service("web6", "fd77::c8", _ -> true, "fd77::b")), false, List.of());
    }

    /** Only the VIP of b and c, of those weights, and by the fewest connections. */
    static Tables leastConnections(Integer... weights) {
        return tables(Optional.empty(), List.of(), List.of(new ServiceState("wide", InetAddress.ofLiteral("10.77.0.203"),
                addresses("10.77.0.11", "10.77.0.12"), new Spread(LoadBalancing.LEAST_CONNECTIONS, false, List.of(weights)))), false, List.of());
    }

    private static Tables tables(Optional<Cipher> encryption, List<InstalledPeer> peers, List<ServiceState> services, boolean routes,
                                 List<PolicyState> policies) {
        NetworkState network = new NetworkState("blue", VNI, 1450, NetworkState.gatewayMacOf(VNI),
                List.of(new SubnetState(Cidr.parse("10.77.0.0/24"), InetAddress.ofLiteral("10.77.0.1")),
                        new SubnetState(Cidr.parse("fd77::/64"), InetAddress.ofLiteral("fd77::1"))),
                List.of(new LocalEndpoint(new EndpointId(VNI, "a"), MacAddress.parse("02:00:00:00:4d:0a"),
                        addresses("10.77.0.10", "fd77::a"), new Attachment.InProcess(), routes)),
                List.of(new RemoteEndpoint(new EndpointId(VNI, "b"), MacAddress.parse("02:00:00:00:4d:0b"),
                        addresses("10.77.0.11", "fd77::b"), InetAddress.ofLiteral("192.0.2.2")),
                        new RemoteEndpoint(new EndpointId(VNI, "c"), MacAddress.parse("02:00:00:00:4d:0c"),
                                addresses("10.77.0.12", "fd77::c"), InetAddress.ofLiteral("192.0.2.2"))),
                services, encryption);
        return Tables.of(new DataPathState(1, List.of(network.withPolicies(policies))), id -> id.isGateway() ? GATEWAY : ENDPOINT, peers);
    }

    private static ServiceState service(String name, String vip, Predicate<InetAddress> serves, String... backends) {
        return new ServiceState(name, InetAddress.ofLiteral(vip), addresses(backends).stream().filter(serves).toList());
    }

    private static List<InetAddress> addresses(String... literals) {
        return List.of(literals).stream().map(InetAddress::ofLiteral).toList();
    }
}
