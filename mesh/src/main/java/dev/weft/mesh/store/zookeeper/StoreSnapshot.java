package dev.weft.mesh.store.zookeeper;

import dev.weft.api.WeftException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.server.DataNode;
import org.apache.zookeeper.server.DataTree;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;
import org.apache.zookeeper.server.quorum.QuorumPeer;

/**
 * All that a server has, as it was at one moment. ZooKeeper's own snapshots are made while changes go on, and mean something
 * only together with the log; here snapshot and log are read as a restart reads them, and what comes out is written as one file.
 */
final class StoreSnapshot {

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long LOOK_AGAIN_MS = 20;

    private StoreSnapshot() {
    }

    /**
     * @param data    the running server's data directory
     * @param into    where a new server's data directory is made that holds the file
     * @param path    of an entry that has to be in it
     * @param version of that entry, or a later one
     */
    static void take(QuorumPeer peer, Path data, Path into, String path, int version) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        try {
            Files.createDirectories(into);
            while (!tookIn(data, into, path, version)) {
                if (System.nanoTime() > deadline || !peer.isRunning()) {
                    throw new WeftException.ManagerUnreachable("this manager's server does not follow the others: it has not seen the last "
                            + "change; let it catch up, or make the backup at another manager");
                }
                TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MS);
            }
        } catch (IOException e) {
            throw new WeftException.InvalidSpec("the cluster's state cannot be read from " + data + " or written to " + into + ": "
                    + e.getMessage() + "; make room, or make the backup at another manager", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WeftException.ManagerUnreachable("interrupted", e);
        }
    }

    private static boolean tookIn(Path data, Path into, String path, int version) throws IOException {
        DataTree tree = new DataTree();
        ConcurrentHashMap<Long, Integer> sessions = new ConcurrentHashMap<>();
        File files = data.toFile();
        FileTxnSnapLog log = new FileTxnSnapLog(files, files);
        FileTxnSnapLog copy = new FileTxnSnapLog(into.toFile(), into.toFile());
        try {
            log.restore(tree, sessions, (header, transaction, digest) -> { });
            DataNode marker = tree.getNode(path);
            if (marker == null || marker.stat.getVersion() < version) {
                return false;
            }
            copy.save(tree, sessions, true);
            return true;
        } finally {
            log.close();
            copy.close();
            tree.shutdownWatcher();
        }
    }
}
