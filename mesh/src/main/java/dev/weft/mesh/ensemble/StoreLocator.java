package dev.weft.mesh.ensemble;

import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.model.ServerRecord;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.Subtree;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;

/**
 * Tells where the cluster store is, whenever that changes: a node goes on when the manager that it joined through is gone.
 * While the store is away, nothing changes.
 */
public final class StoreLocator implements AutoCloseable {

    private final Consumer<List<InetSocketAddress>> onChange;
    private volatile Subtree servers;

    private StoreLocator(Consumer<List<InetSocketAddress>> onChange) {
        this.onChange = onChange;
    }

    /**
     * @param onChange called with at least one address, at once and then on the store's own thread; must not block
     * @throws dev.weft.api.WeftException.ManagerUnreachable if the store is away
     */
    public static StoreLocator start(ClusterStore store, Consumer<List<InetSocketAddress>> onChange) {
        StoreLocator locator = new StoreLocator(onChange);
        locator.servers = store.watch(Layout.SERVERS, locator::tell);
        locator.tell();
        return locator;
    }

    private void tell() {
        Subtree copy = servers;
        if (copy == null) {
            return;
        }
        List<InetSocketAddress> addresses = copy.snapshot().entrySet().stream().filter(entry -> !entry.getKey().equals(Layout.SERVERS))
                .map(entry -> RecordCodec.decode(entry.getValue(), ServerRecord.class)).filter(ServerRecord::wanted).map(ServerRecord::store)
                .toList();
        if (!addresses.isEmpty()) {
            onChange.accept(addresses);
        }
    }

    /** Idempotent. */
    @Override
    public void close() {
        servers.close();
    }
}
