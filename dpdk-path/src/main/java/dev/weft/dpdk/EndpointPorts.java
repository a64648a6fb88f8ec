package dev.weft.dpdk;

import dev.weft.api.Attachment;
import dev.weft.api.FrameChannel;
import dev.weft.api.WeftException;
import dev.weft.api.counter.Counter;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.SubnetState;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.dpdk.pipeline.Wakeup;
import dev.weft.dpdk.port.InProcessPort;
import dev.weft.dpdk.port.PacketPool;
import dev.weft.dpdk.port.Port;
import dev.weft.dpdk.port.TapInterfaces;
import dev.weft.dpdk.port.TapPort;
import dev.weft.dpdk.table.Tables;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The ports of this node's endpoints, and of the node itself as the gateway of each network, made so by difference. The index of a
 * port that goes is not given again before the packet path has let go of the tables that name it ({@link #settle}): no frame can end
 * up at another endpoint.
 * {@link #frames} is for any thread, the rest for the one that applies.
 */
final class EndpointPorts {

    /** Takes ports into the packet path and out of it. */
    interface Owner {
        void add(int index, Port port);

        void remove(int index);

        Wakeup wakeup();
    }

    private record Attached(LocalEndpoint endpoint, NetworkState network, int index, Port port) {
    }

    private final PacketPool pool;
    private final TapInterfaces taps;
    private final Owner owner;
    private final int capacity;
    private final Map<EndpointId, Attached> attached = new ConcurrentHashMap<>();
    private final BitSet taken = new BitSet();
    private final BitSet removed = new BitSet();
    private final Set<EndpointId> moved = new HashSet<>();

    /**
     * @param first    index of the first endpoint's port
     * @param capacity indices that ports may have
     */
    EndpointPorts(PacketPool pool, TapInterfaces taps, Owner owner, int first, int capacity) {
        this.pool = pool;
        this.taps = taps;
        this.owner = owner;
        this.capacity = capacity;
        taken.set(0, first);
    }

    /** Removes the ports of endpoints that are gone or are others now, and makes those that are missing. */
    Map<EndpointId, WeftException> reconcile(DataPathState state) {
        Map<EndpointId, NetworkState> networks = new HashMap<>();
        Map<EndpointId, LocalEndpoint> wanted = new LinkedHashMap<>();
        for (NetworkState network : state.networks()) {
            for (LocalEndpoint endpoint : network.locals()) {
                wanted.put(endpoint.id(), endpoint);
                networks.put(endpoint.id(), network);
            }
            LocalEndpoint gateway = new LocalEndpoint(EndpointId.ofGateway(network.vni()), network.gatewayMac(),
                    network.subnets().stream().map(SubnetState::gateway).toList(), new Attachment.InProcess());
            wanted.put(gateway.id(), gateway);
            networks.put(gateway.id(), network);
        }
        for (Attached present : List.copyOf(attached.values())) {
            EndpointId id = present.endpoint().id();
            if (!wanted.containsKey(id) || !isSame(present, wanted.get(id), networks.get(id))) {
                remove(present);
            }
        }
        Map<EndpointId, WeftException> failures = new LinkedHashMap<>();
        wanted.forEach((id, endpoint) -> {
            try {
                Attached present = attached.get(id);
                attached.put(id, present == null ? attach(endpoint, networks.get(id)) : adjusted(present, endpoint, networks.get(id)));
            } catch (WeftException e) {
                failures.put(id, e);
            }
        });
        return failures;
    }

    /** Whether the port serves the endpoint as it is now. What the kernel knows of an interface is said when it is made. */
    private boolean isSame(Attached present, LocalEndpoint endpoint, NetworkState network) {
        return switch (present.port()) {
            case TapPort tap -> !tap.isGone() && present.endpoint().equals(endpoint) && present.network().mtu() == network.mtu();
            default -> present.endpoint().attachment().equals(endpoint.attachment()) && frameLength(network) <= pool.dataRoom();
        };
    }

    private static int frameLength(NetworkState network) {
        return network.mtu() + EthernetHeader.LENGTH;
    }

    private void remove(Attached present) {
        attached.remove(present.endpoint().id());
        moved.add(present.endpoint().id());
        removed.set(present.index());
        owner.remove(present.index());
    }

    /** Endpoints whose port came or went since {@link #settle}. */
    Set<EndpointId> moved() {
        return moved;
    }

    /** The packet path has let go of all tables that name removed ports. */
    void settle() {
        moved.clear();
        taken.andNot(removed);
        removed.clear();
    }

    private Attached attach(LocalEndpoint endpoint, NetworkState network) {
        int frame = frameLength(network);
        if (frame > pool.dataRoom()) {
            throw new WeftException.InvalidSpec("network '" + network.name() + "' has an MTU of " + network.mtu() + ", but this node's packet"
                    + " buffers take frames of " + pool.dataRoom() + " bytes; the uplink's MTU decides, lower the network's");
        }
        int index = taken.nextClearBit(0);
        if (index >= capacity) {
            throw new WeftException.DataPathFailed("this node has " + capacity + " ports, and all are taken; detach other endpoints first");
        }
        Port port = make(endpoint, network, frame);
        taken.set(index);
        moved.add(endpoint.id());
        add(index, port);
        return new Attached(endpoint, network, index, port);
    }

    /** What is not known to be there (who waited was interrupted, say) is taken out again: the packet path may have it, or get it yet. */
    private void add(int index, Port port) {
        try {
            owner.add(index, port);
        } catch (WeftException e) {
            removed.set(index);
            try {
                owner.remove(index);
            } catch (WeftException further) {
                e.addSuppressed(further);
            }
            throw e;
        }
    }

    private Port make(LocalEndpoint endpoint, NetworkState network, int frame) {
        if (endpoint.id().isGateway()) {
            return InProcessPort.ofGateway("gateway:" + network.name(), pool, frame, owner.wakeup());
        }
        String name = "endpoint:" + endpoint.id();
        if (endpoint.attachment() instanceof Attachment.InProcess) {
            return new InProcessPort(name, pool, frame, owner.wakeup());
        }
        try {
            return new TapPort(name, pool, taps.create(endpoint, network));
        } catch (LinkageError | IllegalCallerException e) {
            throw new WeftException.DataPathUnavailable("endpoint " + endpoint.id() + " is an interface of the kernel; that takes Linux and"
                    + " native access (--enable-native-access=dev.weft.ffm, or ALL-UNNAMED on the class path); attach it in-process", e);
        }
    }

    private Attached adjusted(Attached present, LocalEndpoint endpoint, NetworkState network) {
        if (present.port() instanceof InProcessPort port) {
            port.maxFrameLength(frameLength(network));
        } else if (!present.network().subnets().equals(network.subnets())) {
            taps.route(endpoint, network);
        }
        return new Attached(endpoint, network, present.index(), present.port());
    }

    /** The index of an endpoint's port, or {@link Tables#NONE} when it could not be made. */
    int port(EndpointId endpoint) {
        Attached present = attached.get(endpoint);
        return present == null ? Tables.NONE : present.index();
    }

    /**
     * The frames of an in-process endpoint.
     *
     * @throws WeftException.NotFound if there is no such in-process endpoint
     */
    FrameChannel frames(EndpointId endpoint) {
        Attached present = attached.get(endpoint);
        if (present == null || !(present.port() instanceof InProcessPort port)) {
            throw new WeftException.NotFound("there is no in-process endpoint " + endpoint + " on this node");
        }
        return port.channel();
    }

    /** The frames of a network's gateway; none when the network is not there. */
    Optional<FrameChannel> gatewayFrames(int vni) {
        return Optional.ofNullable(attached.get(EndpointId.ofGateway(vni))).map(present -> ((InProcessPort) present.port()).channel());
    }

    /** What the ports of present endpoints count themselves; any thread. */
    List<Counter> counters() {
        return attached.values().stream().map(Attached::port).flatMap(port -> Stream.of(
                new Counter(port.name(), "tx-errors", port.sendErrors()),
                new Counter(port.name(), "ring-full", port instanceof InProcessPort inProcess ? inProcess.refused() : 0))).toList();
    }
}
