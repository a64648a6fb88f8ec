package dev.weft.mesh;

import dev.weft.api.NodeSpec;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathProvider;
import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.path.DataPathChoice;
import dev.weft.mesh.state.ClusterWatch;
import dev.weft.mesh.state.StateApplier;
import dev.weft.mesh.state.StateCompiler;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** Starts one node on a tie to its cluster. What has been started is stopped again when a later step fails. */
final class NodeStart {

    private static final Duration FIRST_STATE = Duration.ofSeconds(30);

    private final NodeSpec spec;
    private final ClusterLink link;
    private final List<DataPathProvider> providers;
    private final Deque<Runnable> undo = new ArrayDeque<>();

    private NodeStart(NodeSpec spec, ClusterLink link, List<DataPathProvider> providers) {
        this.spec = spec;
        this.link = link;
        this.providers = providers;
    }

    /** Takes the link over: it is closed with the node, or when the start fails. */
    static WeftNode start(NodeSpec spec, ClusterLink link, List<DataPathProvider> providers) {
        NodeStart start = new NodeStart(spec, link, providers);
        try {
            return new WeftNode(start.parts());
        } catch (RuntimeException e) {
            start.undo.addLast(link::abandon);
            start.undo.forEach(step -> attempt(step, e));
            throw e;
        }
    }

    private static void attempt(Runnable step, RuntimeException why) {
        try {
            step.run();
        } catch (RuntimeException e) {
            why.addSuppressed(e);
        }
    }

    /** The data path opens before the cluster hears of the node, and carries its state before the caller does. */
    private NodeParts parts() {
        Registries registries = new Registries(link.store(), new SecureRandom());
        DataPathConfig config = new DataPathConfig(link.identity().id(), spec.vtep(), spec.dataPathPort(), spec.uplink(), Optional.empty(),
                spec.pipeline());
        DataPathChoice choice = DataPathChoice.open(spec.dataPath(), config, providers);
        undo.push(choice.path()::close);
        NodeRecord record = new NodeRecord(link.identity().id(), spec.name(), link.identity().role(), spec.advertise(), spec.vtep(),
                choice.path().kind(), link.identity().hostsStore());
        registries.membership().register(record);
        undo.push(() -> unregister(registries, record));

        StateApplier applier = new StateApplier(spec.name(), choice.path());
        ClusterWatch watch = new ClusterWatch(link.store(), applier::changed);
        undo.push(watch::close);
        LocalEndpoints endpoints = new LocalEndpoints(record, registries, watch, applier, choice.path());
        endpoints.restore();
        undo.push(applier::close);
        applier.start(epoch -> StateCompiler.compile(watch.view(), record.id(), epoch));
        applier.awaitFirstRound(FIRST_STATE);
        SessionKeeper keeper = new SessionKeeper(spec.name(), link.store(), () -> {
            registries.membership().register(record);
            endpoints.removeStrays();
        });
        return new NodeParts(link, registries, choice, record, watch, applier, endpoints, keeper);
    }

    private void unregister(Registries registries, NodeRecord record) {
        if (link.fresh()) {
            registries.membership().forget(record.id(), record.name());
        } else {
            registries.membership().withdraw(record.id());
        }
    }
}
