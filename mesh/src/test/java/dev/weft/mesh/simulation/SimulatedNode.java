package dev.weft.mesh.simulation;

import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.NodeRole;
import dev.weft.mesh.ControlPlane;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.state.RetryDelay;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A node whose control plane is the real one; its process can be killed and started again. */
public final class SimulatedNode {

    private static final Logger LOG = LoggerFactory.getLogger(SimulatedNode.class);

    private final Ensemble ensemble;
    private final NodeRecord record;
    private final long seed;
    private Process process;
    private SimulatedStore store;
    private SimulatedDataPath path;
    private ControlPlane plane;
    private boolean cut;
    private int starts;
    private int lastStarted;

    public SimulatedNode(Ensemble ensemble, String id, InetAddress vtep, long seed) {
        this.ensemble = ensemble;
        this.record = new NodeRecord(id, "node-" + id, NodeRole.WORKER, vtep, vtep, DataPathKind.SOCKET, ControlPorts.DEFAULT, false);
        this.seed = seed;
    }

    public NodeRecord record() {
        return record;
    }

    /** Null until it has started. */
    public ControlPlane plane() {
        return plane;
    }

    public SimulatedStore store() {
        return store;
    }

    public SimulatedDataPath path() {
        return path;
    }

    /** Runs something in its process, which may wait. */
    public void spawn(Runnable body) {
        process.spawn(body);
    }

    public boolean isRunning() {
        return process != null && !process.isKilled();
    }

    public boolean isStarted() {
        return isRunning() && plane != null;
    }

    int starts() {
        return starts;
    }

    /** The last start that succeeded. */
    int lastStarted() {
        return lastStarted;
    }

    boolean isCut() {
        return cut;
    }

    /** Begins a process, which tries to start the node until it can. */
    public void start() {
        process = new Process(ensemble.time());
        store = new SimulatedStore(ensemble, process);
        path = new SimulatedDataPath(ensemble.time());
        plane = null;
        starts++;
        if (cut) {
            store.partition();
        }
        process.spawn(this::startUntilItWorks);
    }

    private void startUntilItWorks() {
        for (int failures = 1; plane == null; failures++) {
            Deque<Runnable> undo = new ArrayDeque<>();
            try {
                plane = ControlPlane.start(record, false, new ControlPlane.Ground(store, path, process, new Random(seed + starts)), undo::push);
                lastStarted = starts;
            } catch (RuntimeException e) {
                LOG.debug("node {} could not start and will try again", record.name(), e);
                undo.forEach(step -> attempt(step, e));
                ensemble.time().sleep(RetryDelay.afterMillis(failures) * 1_000);
            }
        }
    }

    private static void attempt(Runnable step, RuntimeException why) {
        try {
            step.run();
        } catch (RuntimeException e) {
            why.addSuppressed(e);
        }
    }

    /** As by SIGKILL: nothing is undone, and its connection is broken. */
    public void crash() {
        process.kill();
        plane = null;
    }

    /** Cuts the node, running or not, off from the store; packets go on. */
    public void partition() {
        cut = true;
        if (isRunning()) {
            store.partition();
        }
    }

    public void heal() {
        cut = false;
        if (isRunning()) {
            store.heal();
        }
    }
}
