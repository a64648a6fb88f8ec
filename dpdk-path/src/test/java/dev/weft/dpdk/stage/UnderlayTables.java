package dev.weft.dpdk.stage;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.MacAddress;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.path.SubnetState;
import dev.weft.dpdk.table.Tables;
import dev.weft.dpdk.underlay.UnderlayPackets;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A snapshot with a network of the VNI in {@link UnderlayPackets}: one endpoint here, one at the first of the other VTEPs. */
final class UnderlayTables {

    static final long LOCAL_MAC = 0x0242_0a00_0103L;
    static final long REMOTE_MAC = 0x0242_0a00_0102L;
    static final long GATEWAY_MAC = NetworkState.gatewayMacOf(UnderlayPackets.VNI).value();

    private UnderlayTables() {
    }

    /** @param others VTEPs; the first is in the network, each of the rest in one of its own */
    static Tables with(InetAddress own, InetAddress... others) {
        List<NetworkState> networks = new ArrayList<>();
        networks.add(network(UnderlayPackets.VNI, others.length == 0 ? List.of() : List.of(remote(UnderlayPackets.VNI, others[0]))));
        for (int i = 1; i < others.length; i++) {
            networks.add(network(i, List.of(remote(i, others[i]))));
        }
        return Tables.of(new DataPathState(1, networks));
    }

    /** Two VTEPs' endpoints in turn: their MACs go from {@link #REMOTE_MAC} on in steps of one hundred. */
    static Tables ofMany(int endpoints, InetAddress even, InetAddress odd) {
        List<RemoteEndpoint> remotes = IntStream.range(0, endpoints)
                .mapToObj(i -> new RemoteEndpoint(new EndpointId(UnderlayPackets.VNI, "remote" + i), new MacAddress(REMOTE_MAC + 100L * i), List.of(),
                        i % 2 == 0 ? even : odd)).toList();
        return Tables.of(new DataPathState(1, List.of(network(UnderlayPackets.VNI, remotes))));
    }

    private static NetworkState network(int vni, List<RemoteEndpoint> remotes) {
        return new NetworkState("net" + vni, vni, 1450, NetworkState.gatewayMacOf(vni),
                List.of(new SubnetState(Cidr.parse("10.0.1.0/24"), InetAddress.ofLiteral("10.0.1.1"))),
                List.of(new LocalEndpoint(new EndpointId(vni, "local"), new MacAddress(LOCAL_MAC),
                        List.of(InetAddress.ofLiteral("10.0.1.3")), new Attachment.InProcess())), remotes, List.of());
    }

    private static RemoteEndpoint remote(int vni, InetAddress vtep) {
        return new RemoteEndpoint(new EndpointId(vni, "remote"), new MacAddress(REMOTE_MAC), List.of(InetAddress.ofLiteral("10.0.1.2")), vtep);
    }
}
