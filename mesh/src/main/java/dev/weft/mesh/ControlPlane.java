package dev.weft.mesh;

import dev.weft.api.EncryptionSpec;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.GatewayBridge;
import dev.weft.api.path.PortPublisher;
import dev.weft.mesh.cluster.PublishingEndpoints;
import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.gateway.NameService;
import dev.weft.mesh.health.HealthKeeper;
import dev.weft.mesh.health.Prober;
import dev.weft.mesh.keys.KeyLimits;
import dev.weft.mesh.keys.KeyLog;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.path.NamespaceResolvers;
import dev.weft.mesh.path.ResolvConfFiles;
import dev.weft.mesh.path.WayOut;
import dev.weft.mesh.schedule.Scheduler;
import dev.weft.mesh.state.ClusterView;
import dev.weft.mesh.state.ClusterWatch;
import dev.weft.mesh.state.StateApplier;
import dev.weft.mesh.state.StateCompiler;
import dev.weft.mesh.store.ClusterStore;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's part in its cluster: what it registers, hears, and has its data path make of that. The store, the data path and the
 * scheduler are handed in, so that a simulation runs the same code.
 */
public record ControlPlane(NodeRecord record, Registries registries, ClusterWatch watch, StateApplier applier, LocalEndpoints endpoints,
                           SessionKeeper keeper, NameService names, NodeKeys keys, FormatKeeper formats,
                           WayOut wayOut, NamespaceResolvers resolvers, HealthKeeper health, Optional<IngressKeeper> ingress) {

    private static final Logger LOG = LoggerFactory.getLogger(ControlPlane.class);
    private static final Duration FIRST_STATE = Duration.ofSeconds(30);

    /**
     * What a control plane stands on.
     *
     * @param gatewayBridge the way out for endpoints in network namespaces; closed with the control plane
     * @param prober        tries whether endpoints are healthy
     * @param resolvers     who is asked for names outside of the node's networks; empty: those of the host
     * @param publisher     lets published ports answer at this node; closed with the control plane
     * @param resolvConfs   of network namespaces; empty: those that want a resolver get none
     * @param publishing    for endpoints that publish ports, when this node is a worker; empty: it writes all by itself
     */
    public record Ground(ClusterStore store, DataPath path, Optional<GatewayBridge> gatewayBridge, Prober prober, Scheduler scheduler,
                         RandomGenerator random, List<InetSocketAddress> resolvers, KeyLimits limits, Optional<KeyLog> keyLog,
                         Optional<PortPublisher> publisher, Optional<ResolvConfFiles> resolvConfs,
                         Optional<PublishingEndpoints> publishing) {

        public Ground(ClusterStore store, DataPath path, Scheduler scheduler, RandomGenerator random) {
            this(store, path, Optional.empty(), new Prober(Optional.empty()), scheduler,
                    random, List.of(), KeyLimits.of(EncryptionSpec.DEFAULT), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
        }
    }

    /**
     * Registers the node, and returns when the data path is as the cluster wants it.
     *
     * @param fresh whether the node is new, so that it is forgotten again when its start fails
     * @param undo  takes what is to be done, last first, when this or a later step of the node's start fails
     */
    public static ControlPlane start(NodeRecord record, boolean fresh, Ground ground, Consumer<Runnable> undo) {
        Registries registries = new Registries(ground.store(), ground.random());
        registries.membership().register(record);
        undo.accept(() -> unregister(registries, record, fresh));

        WayOut wayOut = new WayOut(ground.path()::apply, ground.gatewayBridge());
        undo.accept(wayOut::close);
        NamespaceResolvers resolvers = new NamespaceResolvers(wayOut::apply, ground.resolvConfs());
        undo.accept(resolvers::close);
        StateApplier applier = new StateApplier(record.name(), resolvers::apply, ground.scheduler());
        AtomicReference<Runnable> onChange = new AtomicReference<>(applier::changed);
        ClusterWatch watch = new ClusterWatch(ground.store(), ground.scheduler().worker("weft-watch-" + record.name()), () -> onChange.get().run());
        undo.accept(watch::close);
        NodeKeys keys = new NodeKeys(record, ground, applier::changed);
        undo.accept(keys::close);
        HealthKeeper health = new HealthKeeper(record.name(), ground.prober(), registries.endpoints()::setHealth, System::nanoTime,
                ground.scheduler());
        undo.accept(health::close);
        LocalEndpoints endpoints = new LocalEndpoints(record, registries, new OwnRecords(record, registries.endpoints(), watch, ground.publishing()),
                watch, applier, ground.path(), keys, health);
        endpoints.restore();
        NameService names = new NameService(record.id(), record.name(), ground.path(), ground.resolvers());
        undo.accept(names::close);
        undo.accept(applier::close);
        FormatKeeper formats = new FormatKeeper(record, registries.membership(), ground.scheduler());
        undo.accept(formats::close);
        StateCompiler compiler = new StateCompiler(record.id(), endpoints::isKnown);
        applier.start(epoch -> {
            ClusterView view = watch.view();
            names.adopt(view);
            formats.adopt(view);
            wayOut.adopt(view);
            return keys.complete(compiler.compile(view, epoch), view, compiler);
        }, (state, isCarried) -> {
            names.applied(state);
            if (isCarried) {
                keys.applied(state);
            }
        });
        applier.awaitFirstRound(FIRST_STATE);
        endpoints.probeRestored();
        Optional<IngressKeeper> ingress = ground.publisher()
                .map(publisher -> new IngressKeeper(record.id(), record.name(), watch, endpoints, publisher, ground.scheduler()));
        ingress.ifPresent(keeper -> {
            undo.accept(keeper::close);
            onChange.set(() -> {
                applier.changed();
                keeper.changed();
            });
            endpoints.onChange(keeper::changed);
            keeper.start();
        });
        SessionKeeper keeper = new SessionKeeper(record.name(), ground.store(), () -> {
            registries.membership().register(record);
            endpoints.removeStrays();
        }, ground.scheduler());
        return new ControlPlane(record, registries, watch, applier, endpoints, keeper, names, keys, formats, wayOut, resolvers, health,
                ingress);
    }

    private static void unregister(Registries registries, NodeRecord record, boolean fresh) {
        if (fresh) {
            registries.membership().forget(record.id(), record.name());
        } else {
            registries.membership().withdraw(record.id());
        }
    }

    /** Tells the others that the node is going, if the store answers; else they will find out when the session times out. */
    void withdraw() {
        if (!keeper.isConnected()) {
            return;
        }
        try {
            registries.membership().withdraw(record.id());
            ingress.ifPresent(IngressKeeper::close); // or it would attach again what is removed here
            endpoints.removeInProcess();
        } catch (WeftException e) {
            LOG.warn("node {} goes without a word to its cluster: {}", record.name(), e.getMessage());
        }
    }

    /** The data path stays open and as it is. */
    void stop() {
        Ending.inTurn(health::close, () -> ingress.ifPresent(IngressKeeper::close), endpoints::closeAll, applier::close, resolvers::close,
                wayOut::close, keys::close, formats::close, names::close, watch::close);
    }
}
