package dev.weft.mesh.gateway;

import dev.weft.api.counter.Counter;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathState;
import dev.weft.mesh.dns.NameCounters;
import dev.weft.mesh.dns.NameServer;
import dev.weft.mesh.dns.NodeNames;
import dev.weft.mesh.state.ClusterView;
import java.net.InetSocketAddress;
import java.util.List;

/** The names of a node's networks, and the name servers at their gateways. */
public final class NameService implements AutoCloseable {

    private final NodeNames names;
    private final NameCounters counters = new NameCounters();
    private final GatewayServices gateways;

    /**
     * @param self      id of the node
     * @param node      its name
     * @param resolvers who is asked for names outside of networks; empty: those of the host
     */
    public NameService(String self, String node, DataPath path, List<InetSocketAddress> resolvers) {
        names = new NodeNames(self);
        gateways = new GatewayServices(node, path, NameServer.of(names, resolvers, counters));
    }

    public NodeNames names() {
        return names;
    }

    /** From now on names are those of this view. */
    public void adopt(ClusterView view) {
        names.adopt(view);
    }

    /** The data path carries this state now. */
    public void applied(DataPathState state) {
        gateways.applied(state);
    }

    public List<Counter> counters() {
        return counters.snapshot();
    }

    /** Answers nobody any more; to be called before the data path is closed. Idempotent. */
    @Override
    public void close() {
        gateways.close();
    }
}
