package dev.weft.mesh;

import dev.weft.api.Attachment;
import dev.weft.api.Endpoint;
import dev.weft.api.EndpointSpec;
import dev.weft.api.HealthStatus;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.EndpointId;
import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.health.HealthKeeper;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.state.ClusterWatch;
import dev.weft.mesh.state.NetworkView;
import dev.weft.mesh.state.StateApplier;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The endpoints that this node attached or told of: in the store, in what it watches, and in its data path. Thread-safe.
 */
public final class LocalEndpoints {

    private static final Logger LOG = LoggerFactory.getLogger(LocalEndpoints.class);
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final NodeRecord node;
    private final Registries registries;
    private final OwnRecords records;
    private final ClusterWatch watch;
    private final StateApplier applier;
    private final DataPath path;
    private final NodeKeys keys;
    private final HealthKeeper health;
    private final AttachmentRules rules;
    private final Map<String, WeftEndpoint> attached = new ConcurrentSkipListMap<>();
    private final UnderWay underWay = new UnderWay();
    private final Set<WeftEndpoint> detaching = ConcurrentHashMap.newKeySet();
    private final EndedEndpoints ended;
    private volatile Runnable onChange = () -> { };

    LocalEndpoints(NodeRecord node, Registries registries, OwnRecords records, ClusterWatch watch, StateApplier applier, DataPath path,
                   NodeKeys keys, HealthKeeper health) {
        this.node = node;
        this.registries = registries;
        this.records = records;
        this.watch = watch;
        this.applier = applier;
        this.path = path;
        this.keys = keys;
        this.health = health;
        this.rules = new AttachmentRules(node, registries.membership(), path);
        this.ended = new EndedEndpoints(registries.endpoints(), records, underWay);
    }

    /** @param listener called when a handle has come or gone, which is after the cluster's state has told of it; must not block */
    void onChange(Runnable listener) {
        onChange = listener;
    }

    static String key(String network, String name) {
        return network + "/" + name;
    }

    /** In the store first, where it claims what it needs; taken out again when the data path cannot carry it. */
    public Endpoint attach(NetworkRecord network, EndpointSpec spec) {
        rules.require(network, spec);
        String key = key(network.name(), spec.name());
        underWay.begin(key);
        try {
            return spec.attachment() instanceof Attachment.External ? register(network, spec, key) : carry(network, spec, key);
        } catch (WeftException e) {
            if (Thread.interrupted()) { // the store answers no such thread, and what it could not take out would stay
                records.takeOut(network, spec, () -> isNew(key), e);
                Thread.currentThread().interrupt();
            }
            throw e;
        } finally {
            underWay.end(key);
        }
    }

    /** Whether nobody has an endpoint of that name, nor is at it, but the one who asks. */
    private boolean isNew(String key) {
        return !attached.containsKey(key) && underWay.isAlone(key);
    }

    private WeftEndpoint carry(NetworkRecord network, EndpointSpec spec, String key) {
        watch.retain(network.name());
        try {
            WeftEndpoint endpoint = register(network, spec, key);
            keys.await(network, watch.view());
            return endpoint;
        } catch (RuntimeException e) {
            watch.release(network.name());
            throw e;
        }
    }

    private WeftEndpoint register(NetworkRecord network, EndpointSpec spec, String key) {
        EndpointRecord record = records.create(network, spec, () -> isNew(key));
        awaitCarried(network, record);
        WeftEndpoint endpoint = new WeftEndpoint(this, record, record.info(node), network, spec.check().isPresent());
        attached.put(key, endpoint);
        onChange.run();
        spec.check().ifPresent(check -> health.begin(record, check));
        return endpoint;
    }

    private void awaitCarried(NetworkRecord network, EndpointRecord record) {
        EndpointId id = new EndpointId(network.vni(), record.name());
        if (record.isExternal()) {
            applier.awaitKnown(id, PATIENCE);
            return;
        }
        try {
            applier.awaitCarried(id, PATIENCE);
        } catch (WeftException e) {
            if (withdraw(record, e)) {
                applier.awaitGone(id, PATIENCE);
            }
            throw e;
        }
    }

    /** What cannot be removed now, {@link #removeStrays} removes when the store is back. */
    private boolean withdraw(EndpointRecord record, WeftException why) {
        try {
            records.remove(record);
            return true;
        } catch (WeftException.ManagerUnreachable e) {
            why.addSuppressed(e);
            return false;
        }
    }

    /** Does nothing when it is detached already. */
    void detach(WeftEndpoint endpoint) {
        EndpointRecord record = endpoint.record();
        String key = key(record.network(), record.name());
        if (attached.get(key) != endpoint || !detaching.add(endpoint)) {
            return;
        }
        underWay.begin(key);
        try {
            records.remove(record);
            forget(key, endpoint);
            if (!record.isExternal()) {
                applier.awaitGone(endpoint.id(), PATIENCE);
            }
        } finally {
            underWay.end(key);
            detaching.remove(endpoint);
        }
    }

    /** Before a worker leaves, which cannot remove these together with itself. */
    void detachPublishing() {
        attached.values().stream().filter(endpoint -> !endpoint.record().publication().isNone()).forEach(this::detach);
    }

    private void forget(String key, WeftEndpoint endpoint) {
        endpoint.closeStack();
        health.end(endpoint.record());
        if (attached.remove(key, endpoint) && !endpoint.record().isExternal()) {
            watch.release(endpoint.record().network());
        }
        onChange.run();
    }

    /** After a start: takes up again what outlives a process, and removes what does not. */
    void restore() {
        for (EndpointRecord record : registries.endpoints().at(node.id())) {
            Optional<NetworkRecord> network = registries.networks().find(record.network());
            if (record.attachment() instanceof Attachment.InProcess || network.isEmpty()) {
                ended.remove(record);
                continue;
            }
            if (!record.isExternal()) {
                watch.retain(record.network());
            }
            attached.put(key(record.network(), record.name()),
                    new WeftEndpoint(this, record, record.info(node), network.get(), record.check().isPresent()));
        }
    }

    /** Of those that ended with the process before, what only a manager removes: now that managers can be asked, and nothing is attached yet. */
    void removeEnded() {
        ended.removeRest();
    }

    /** Looks after the health of those that were taken up again, once the data path carries them. */
    void probeRestored() {
        attached.values().stream().map(WeftEndpoint::record).forEach(record -> record.check().ifPresent(check -> health.begin(record, check)));
    }

    /**
     * After the store was away: a record without a handle is one whose transaction was answered with silence, or that could
     * not be taken out; a handle without a record is one that another node removed with this one's name.
     */
    void removeStrays() {
        // before the records are read: what is attached meanwhile has a record that is not among them
        Map<String, WeftEndpoint> before = Map.copyOf(attached);
        List<EndpointRecord> present = registries.endpoints().at(node.id());
        for (EndpointRecord record : present) {
            String key = key(record.network(), record.name());
            // in this order: whoever attaches is out of the one only when it is in the other
            if (!underWay.has(key) && !attached.containsKey(key)) {
                LOG.info("removing endpoint '{}' of network '{}': it was never attached", record.name(), record.network());
                records.remove(record);
            }
        }
        before.forEach((key, endpoint) -> {
            if (present.stream().noneMatch(endpoint.record()::isSame) && !underWay.has(key)) {
                LOG.warn("endpoint '{}' of network '{}' was removed while this node was away",
                        endpoint.record().name(), endpoint.record().network());
                forget(key, endpoint);
            }
        });
    }

    /** Of all networks. */
    List<EndpointRecord> records() {
        return attached.values().stream().map(WeftEndpoint::record).toList();
    }

    /** Of one network, by name. */
    List<WeftEndpoint> of(String network) {
        return attached.values().stream().filter(endpoint -> endpoint.record().network().equals(network)).toList();
    }

    public Optional<WeftEndpoint> find(String network, String name) {
        return Optional.ofNullable(attached.get(key(network, name)));
    }

    /** Whether this node attached the endpoint, or is about to; called on the thread that computes the state. */
    boolean isKnown(EndpointRecord record) {
        String key = key(record.network(), record.name());
        WeftEndpoint handle = attached.get(key);
        return handle == null ? underWay.has(key) : handle.record().isSame(record);
    }

    boolean isAttached(WeftEndpoint endpoint) {
        return attached.get(key(endpoint.record().network(), endpoint.record().name())) == endpoint;
    }

    /** A network may have grown since somebody got his handle on it. */
    NetworkRecord networkNow(NetworkRecord handle) {
        return watch.view().networks().stream().map(NetworkView::network).filter(now -> now.vni() == handle.vni()).findFirst().orElse(handle);
    }

    /** Tells the cluster what an endpoint says of itself. */
    void report(EndpointRecord endpoint, HealthStatus status) {
        registries.endpoints().setHealth(endpoint, status);
    }

    /** As the cluster knows it, as far as this node has heard. */
    Optional<HealthStatus> healthOf(EndpointRecord endpoint) {
        return watch.view().networks().stream().filter(part -> part.network().name().equals(endpoint.network()))
                .flatMap(part -> part.endpoints().find(endpoint.name()).stream()).filter(endpoint::isSame).map(EndpointRecord::health).findFirst();
    }

    DataPath path() {
        return path;
    }

    /** Removes the records of those that end with this process. */
    void removeInProcess() {
        for (WeftEndpoint endpoint : attached.values()) {
            endpoint.closeStack();
            EndpointRecord record = endpoint.record();
            if (record.attachment() instanceof Attachment.InProcess && records.isManagers(record)) {
                ended.removeIfManagersAnswer(record);
            } else if (record.attachment() instanceof Attachment.InProcess) {
                registries.endpoints().remove(record);
            }
        }
    }

    /** The node is closed: no handle works any more. */
    void closeAll() {
        attached.values().forEach(WeftEndpoint::closeStack);
        attached.clear();
    }
}
