package dev.weft.mesh;

import dev.weft.api.ManagersInfo;
import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.ensemble.Ensemble;
import dev.weft.mesh.ensemble.EnsembleControl;
import dev.weft.mesh.ensemble.EnsemblePlanner;
import dev.weft.mesh.ensemble.EnsemblePlanner.Manager;
import dev.weft.mesh.ensemble.EnsemblePlanner.Presence;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.model.ServerRecord;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What is done to the managers as a whole: who is one, who is none any more. Thread-safe. */
final class Managers {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long LOOK_AGAIN_MS = 100;

    private final Registries registries;
    private final EnsembleControl control;

    Managers(Registries registries, EnsembleControl control) {
        this.registries = registries;
        this.control = control;
    }

    ManagersInfo info() {
        Map<String, NodeRecord> nodes = registries.membership().nodes().stream().collect(Collectors.toMap(NodeRecord::id, Function.identity()));
        Ensemble ensemble = control.configuration().ensemble();
        List<ServerRecord> servers = registries.servers().all();
        return new ManagersInfo(names(servers, nodes, server -> ensemble.voters().contains(server.number())),
                names(servers, nodes, server -> !ensemble.voters().contains(server.number()) && server.wanted()));
    }

    private static List<String> names(List<ServerRecord> servers, Map<String, NodeRecord> nodes, Function<ServerRecord, Boolean> chosen) {
        return servers.stream().filter(chosen::apply)
                .map(server -> nodes.containsKey(server.node()) ? nodes.get(server.node()).name() : server.node()).sorted().toList();
    }

    ManagersInfo promote(String name) {
        NodeRecord node = registries.membership().named(name);
        registries.membership().changeRole(node.id(), NodeRole.MANAGER);
        registries.membership().change(node.id(), record -> record.withRole(NodeRole.MANAGER));
        awaitSeat(node);
        return info();
    }

    /** Waits until a manager votes or stands by. */
    void awaitSeat(NodeRecord node) {
        await("node '" + node.name() + "' did not take its seat among the managers", () -> registries.servers().of(node.id())
                .filter(server -> control.configuration().ensemble().contains(server.number())).isPresent());
    }

    ManagersInfo demote(String name) {
        NodeRecord node = registries.membership().named(name);
        Optional<ServerRecord> server = registries.servers().of(node.id());
        server.ifPresent(seat -> requireSafeWithout(node, seat));
        registries.membership().change(node.id(), record -> record.withRole(NodeRole.WORKER));
        server.ifPresent(seat -> dismiss(node, seat));
        // not before: its server is a manager's until it stops
        await("node '" + name + "' did not get a worker's rights", () -> {
            registries.membership().changeRole(node.id(), NodeRole.WORKER);
            return true;
        });
        return info();
    }

    /** Before a node is removed, or leaves. Does nothing when it is a worker. */
    void unseat(NodeRecord node) {
        registries.servers().of(node.id()).ifPresent(seat -> {
            requireSafeWithout(node, seat);
            dismiss(node, seat);
        });
    }

    private void dismiss(NodeRecord node, ServerRecord seat) {
        await("the managers do not go on without node '" + node.name() + "'", () -> {
            registries.servers().dismiss(seat.number());
            return registries.servers().find(seat.number()).isEmpty();
        });
    }

    private void requireSafeWithout(NodeRecord node, ServerRecord seat) {
        Set<String> live = registries.membership().live();
        Map<Integer, Manager> managers = new TreeMap<>();
        registries.servers().all().forEach(server -> managers.put(server.number(),
                new Manager(live.contains(server.node()) ? Presence.LIVE : Presence.GONE, server.wanted())));
        EnsemblePlanner.whyNotWithout(seat.number(), managers, control.configuration().ensemble()).ifPresent(why -> {
            throw new WeftException.QuorumAtRisk("node '" + node.name() + "' has to stay a manager: " + why + ". Now " + info().summary()
                    + ". Let another manager join, or bring one back, first");
        });
    }

    /** While the leader changes, the store is away for a moment. */
    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        WeftException.ManagerUnreachable away = null;
        while (System.nanoTime() < deadline) {
            try {
                if (condition.getAsBoolean()) {
                    return;
                }
                TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MS);
            } catch (WeftException.ManagerUnreachable e) {
                away = e;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new WeftException.ManagerUnreachable(what + ": interrupted", e);
            }
        }
        throw new WeftException.ManagerUnreachable(what + " within " + PATIENCE.toSeconds() + " s; look at its log and at the leader's", away);
    }
}
