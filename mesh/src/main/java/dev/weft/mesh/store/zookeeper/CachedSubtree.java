package dev.weft.mesh.store.zookeeper;

import dev.weft.api.WeftException;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.Subtree;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;

/** A {@link Subtree} kept by Curator with one persistent recursive watch; read again as a whole after each reconnection. */
final class CachedSubtree implements Subtree {

    /** Times {@link ClusterStore#PATIENCE_SECONDS} in which a store that is there may deliver nothing. */
    private static final int QUIET_ROUNDS = 12;

    private final CuratorCache cache;

    private CachedSubtree(CuratorCache cache) {
        this.cache = cache;
    }

    static CachedSubtree open(CuratorFramework curator, String path, ClusterStore.EntryListener listener) {
        CuratorCache cache = CuratorCache.build(curator, path, CuratorCache.Options.DO_NOT_CLEAR_ON_CLOSE);
        CountDownLatch whole = new CountDownLatch(1);
        AtomicLong delivered = new AtomicLong();
        cache.listenable().addListener(CuratorCacheListener.builder()
                .forInitialized(whole::countDown)
                .forAll((type, before, after) -> {
                    delivered.incrementAndGet();
                    listener.changed((after == null ? before : after).getPath(), after == null ? null : after.getData());
                })
                .build());
        cache.start();
        try {
            if (isDelivered(curator, whole, delivered)) {
                return new CachedSubtree(cache);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        cache.close();
        throw new WeftException.ManagerUnreachable("the cluster store went away, or stopped to deliver " + path
                + "; check that the manager runs, and try again", null);
    }

    /**
     * Waits as long as the store is there and something comes now and then: a network may have 100,000 entries, and Curator asks twice
     * for each, the second time (for what is below it) without anything to show for it.
     */
    private static boolean isDelivered(CuratorFramework curator, CountDownLatch whole, AtomicLong delivered) throws InterruptedException {
        long before = -1;
        int quiet = 0;
        while (!whole.await(ClusterStore.PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            quiet = delivered.get() == before ? quiet + 1 : 0;
            before = delivered.get();
            if (quiet == QUIET_ROUNDS || !curator.getZookeeperClient().isConnected()) {
                return false;
            }
        }
        return true;
    }

    @Override
    public SortedMap<String, byte[]> snapshot() {
        SortedMap<String, byte[]> entries = new TreeMap<>();
        cache.stream().forEach(entry -> entries.put(entry.getPath(), entry.getData()));
        return entries;
    }

    @Override
    public void close() {
        cache.close();
    }
}
