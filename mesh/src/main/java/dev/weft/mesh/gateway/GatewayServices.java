package dev.weft.mesh.gateway;

import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.Gateway;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.SubnetState;
import dev.weft.mesh.dns.NameServer;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves names at the gateways of all networks that the data path carries, made so by difference after each application of a state.
 * One thread at a time.
 */
public final class GatewayServices implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GatewayServices.class);

    /** What is served now, by sockets or by frames. */
    private record Served(Gateway gateway, List<InetAddress> addresses, int mtu, SocketGateway sockets, FrameGateway frames) {
        void close() {
            if (sockets != null) {
                sockets.close();
            }
        }
    }

    private final DataPath path;
    private final NameServer server;
    private final FrameGateways frames;
    private final SecureRandom random = new SecureRandom();
    private final Map<Integer, Served> served = new HashMap<>();

    /** @param node name of this node */
    public GatewayServices(String node, DataPath path, NameServer server) {
        this.path = path;
        this.server = server;
        this.frames = new FrameGateways(node);
    }

    /** The data path carries this state now. */
    public synchronized void applied(DataPathState state) {
        Set<Integer> present = state.networks().stream().map(NetworkState::vni).collect(Collectors.toSet());
        served.entrySet().removeIf(entry -> {
            boolean gone = !present.contains(entry.getKey());
            if (gone) {
                entry.getValue().close();
            }
            return gone;
        });
        state.networks().forEach(this::serve);
        frames.serve(served.values().stream().map(Served::frames).filter(Objects::nonNull).toList());
    }

    private void serve(NetworkState network) {
        Optional<Gateway> gateway = path.gateway(network.vni());
        List<InetAddress> addresses = network.subnets().stream().map(SubnetState::gateway).toList();
        Served before = served.get(network.vni());
        if (before != null && gateway.filter(before.gateway()::equals).isPresent() && before.addresses().equals(addresses)
                && before.mtu() == network.mtu()) {
            return;
        }
        if (before != null) {
            before.close();
            served.remove(network.vni());
        }
        gateway.ifPresent(found -> {
            try {
                served.put(network.vni(), open(network, found, addresses));
            } catch (RuntimeException e) { // packets flow without names too
                LOG.warn("network '{}' has no name service at this node until its next change", network.name(), e);
            }
        });
    }

    private Served open(NetworkState network, Gateway gateway, List<InetAddress> addresses) {
        return switch (gateway) {
            case Gateway.Sockets sockets -> new Served(gateway, addresses, network.mtu(),
                    new SocketGateway(network.vni(), network.mtu(), addresses, sockets, server), null);
            case Gateway.Frames(var channel) -> new Served(gateway, addresses, network.mtu(), null,
                    new FrameGateway(network.vni(), network.gatewayMac(), channel, server, System::nanoTime, random, frames::wake));
        };
    }

    /** Serves nothing any more. Idempotent. */
    @Override
    public synchronized void close() {
        served.values().forEach(Served::close);
        served.clear();
        frames.close();
    }
}
