package dev.weft.kernel;

import dev.weft.api.WeftException;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.ServiceState;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.netlink.NetlinkException;
import dev.weft.ffm.netlink.NetlinkSocket;
import dev.weft.kernel.conntrack.FlowEvents;
import dev.weft.kernel.conntrack.OpenFlows;
import dev.weft.kernel.nft.EndpointGuard;
import dev.weft.kernel.nft.LeastRules;
import dev.weft.kernel.nft.NetworkRules;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The services by least connections of one network: the rules walk a sequence of backends, and get another one when the one that they have
 * is not the best any more. Nobody writes while connections only begin as the sequence has it, or while there is no such service.
 *
 * <p>Two threads: the caller's, one at a time, writes the rules; a {@link BalancerThread}, there while there is such a service, hears conntrack and
 * writes sequences. The monitor of this object keeps them apart. Whoever has it may read the events that have come.
 */
final class Balancer implements BalancerThread.Work, AutoCloseable {

    private final NetworkNamespace namespace;
    private final LeastRules rules = new LeastRules();
    /** What the kernel walks, by the service's place; not there: not known. */
    private final Map<Integer, Walk> walks = new HashMap<>();
    /** As the rules have them; none while it is not known what the kernel has. */
    private List<ServiceState> services = List.of();
    /** Of the services by least connections. */
    private Set<InetAddress> vips = Set.of();
    /** Empty before all flows have been counted for the first time. */
    private Optional<FlowEvents> events = Optional.empty();
    private Optional<BalancerThread> thread = Optional.empty();

    Balancer(NetworkNamespace namespace) {
        this.namespace = namespace;
    }

    /**
     * Makes the rules of the network so. When it returns, new connections get the backends that have the fewest by what conntrack has told.
     *
     * @param all have all flows counted again, soon
     */
    void reconcile(NetworkState network, List<EndpointGuard.Port> ports, boolean all) {
        Set<InetAddress> counted = network.services().stream().filter(Balancer::isCounted).map(ServiceState::vip).collect(Collectors.toSet());
        synchronized (this) {
            boolean complete = follow(counted);
            if (services.isEmpty()) { // a try that failed may have left anything
                walks.clear();
                rules.forget();
            }
            services = List.of();
            Map<Integer, Walk> first = new HashMap<>();
            boolean written = NetworkRules.reconcile(namespace, network, ports,
                    place -> first.computeIfAbsent(place, _ -> walk(network.services().get(place), 0)).sequence());
            services = network.services();
            if (written) {
                rules.forget();
                walks.clear();
                walks.putAll(first);
            }
            if (!counted.isEmpty() && thread.isEmpty()) {
                thread = Optional.of(BalancerThread.start(namespace, this,
                        complete ? events.stream().mapToInt(FlowEvents::descriptor).findFirst() : OptionalInt.empty()));
            } else if (all || !complete) {
                thread.ifPresent(BalancerThread::count);
            }
            thread.ifPresent(present -> refresh(present.socket()));
        }
        if (counted.isEmpty()) {
            close();
        }
    }

    private static boolean isCounted(ServiceState service) {
        return service.spread().isByLeastConnections() && service.spread().slots(service.backends()).length > 0;
    }

    /** @return false when the flows have to be counted again: then the thread does it, and says why if it cannot */
    private boolean follow(Set<InetAddress> counted) {
        vips = counted;
        try {
            if (events.isEmpty() && !counted.isEmpty()) {
                events = Optional.of(FlowEvents.open(namespace, counted));
            }
            events.ifPresent(present -> present.follow(counted));
            return drain();
        } catch (NetlinkException | WeftException e) {
            return false;
        }
    }

    private Walk walk(ServiceState service, long recently) {
        OpenFlows flows = events.map(FlowEvents::flows).orElseGet(OpenFlows::new);
        return Walk.of(service, backend -> flows.count(service.vip(), backend), flows.begun(service.vip()), recently);
    }

    private boolean drain() {
        return events.map(FlowEvents::drain).orElse(true);
    }

    /** Gives those services another sequence that need one. Nothing happens before the flows have been counted. */
    private void refresh(NetlinkSocket socket) {
        for (int place = 0; events.isPresent() && place < services.size(); place++) {
            ServiceState service = services.get(place);
            OpenFlows flows = events.get().flows();
            long begun = flows.begun(service.vip());
            Walk present = walks.get(place);
            if (isCounted(service) && (present == null || !present.isGood(service, backend -> flows.count(service.vip(), backend), begun))) {
                Walk next = walk(service, present == null ? 0 : begun - present.begun());
                rules.replace(socket, service, place, next.sequence());
                walks.put(place, next);
            }
        }
    }

    @Override
    public int count() {
        Set<InetAddress> wanted;
        synchronized (this) {
            wanted = vips;
        }
        FlowEvents fresh = FlowEvents.open(namespace, wanted); // the time goes by the flows: nobody waits for it
        synchronized (this) {
            Optional<FlowEvents> before = events;
            events = Optional.of(fresh);
            before.ifPresent(FlowEvents::drain);
            before.ifPresent(FlowEvents::close);
            fresh.follow(vips);
            fresh.drain();
            before.ifPresent(other -> fresh.flows().continues(other.flows()));
            return fresh.descriptor();
        }
    }

    @Override
    public synchronized boolean hear() {
        return drain();
    }

    @Override
    public synchronized void write(NetlinkSocket socket) {
        refresh(socket);
    }

    /** Ends the thread; the rules stay as they are. */
    @Override
    public void close() {
        Optional<BalancerThread> ending;
        synchronized (this) {
            ending = thread;
            thread = Optional.empty();
        }
        ending.ifPresent(BalancerThread::close);
        synchronized (this) {
            events.ifPresent(FlowEvents::close);
            events = Optional.empty();
        }
    }
}
