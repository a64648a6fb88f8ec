package dev.weft.mesh.simulation;

import dev.weft.api.Cidr;
import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.model.ClusterRecord;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A cluster of which everything is real but the sockets, the clock and the packets. */
public final class SimulatedCluster {

    private final VirtualTime time = new VirtualTime();
    private final Ensemble ensemble;
    private final List<SimulatedNode> nodes = new ArrayList<>();

    public SimulatedCluster(long seed, int servers, int size) {
        ensemble = new Ensemble(time, new Random(seed), Timing.ONE_SITE, servers);
        List<Change> roots = new ArrayList<>(Layout.ofManagers(new ClusterRecord("simulated")));
        roots.addAll(Layout.ofMembers());
        ClusterStore founder = new SimulatedStore(ensemble, new Process(time));
        founder.commit(roots);
        founder.close();
        for (int i = 0; i < size; i++) {
            nodes.add(new SimulatedNode(ensemble, "n" + i, vtep(i), seed * 31 + i));
        }
    }

    /** From RFC 2544's range for benchmarks. */
    private static InetAddress vtep(int number) {
        return Cidr.parseAddress("198." + (18 + (number >> 16)) + "." + (number >> 8 & 0xff) + "." + (number & 0xff));
    }

    public VirtualTime time() {
        return time;
    }

    public Ensemble ensemble() {
        return ensemble;
    }

    public List<SimulatedNode> nodes() {
        return nodes;
    }

    public void run(Duration duration) {
        time.run(duration);
    }
}
