package dev.weft.mesh.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The tree that several {@link InMemoryClusterStore}s of one test share. All access is under its own lock. */
public final class InMemoryCluster {

    record Node(byte[] data, int version, InMemoryClusterStore owner) {
    }

    private final TreeMap<String, Node> tree = new TreeMap<>();
    private final List<InMemoryClusterStore> clients = new CopyOnWriteArrayList<>();

    public InMemoryCluster() {
        tree.put("/", new Node(new byte[0], 0, null));
    }

    public InMemoryClusterStore connect() {
        InMemoryClusterStore client = new InMemoryClusterStore(this);
        clients.add(client);
        return client;
    }

    void disconnect(InMemoryClusterStore client) {
        clients.remove(client);
        expire(client);
    }

    void expire(InMemoryClusterStore client) {
        synchronized (this) {
            tree.values().removeIf(node -> node.owner() == client);
        }
        clients.forEach(InMemoryClusterStore::changed);
    }

    synchronized Node read(String path) {
        return tree.get(path);
    }

    synchronized SortedMap<String, byte[]> below(String root) {
        SortedMap<String, byte[]> entries = new TreeMap<>();
        tree.forEach((path, node) -> {
            if (path.equals(root) || path.startsWith(root.equals("/") ? "/" : root + "/")) {
                entries.put(path, node.data());
            }
        });
        return entries;
    }

    synchronized List<String> children(String path) {
        String prefix = path.equals("/") ? "/" : path + "/";
        List<String> names = new ArrayList<>();
        for (String each : tree.tailMap(prefix, false).keySet()) {
            if (!each.startsWith(prefix)) {
                break;
            }
            if (each.indexOf('/', prefix.length()) < 0) {
                names.add(each.substring(prefix.length()));
            }
        }
        return names;
    }

    void commit(List<Change> changes, InMemoryClusterStore client) {
        synchronized (this) {
            TreeMap<String, Node> before = new TreeMap<>(tree);
            try {
                changes.forEach(change -> make(change, client));
            } catch (StoreConflict e) {
                tree.clear();
                tree.putAll(before);
                throw e;
            }
        }
        clients.forEach(InMemoryClusterStore::changed);
    }

    private void make(Change change, InMemoryClusterStore client) {
        switch (change) {
            case Change.Create create -> insert(create.path(), create.data(), null);
            case Change.CreateEphemeral create -> insert(create.path(), create.data(), client);
            case Change.Replace replace -> {
                Node old = expect(replace.path(), replace.version());
                tree.put(replace.path(), new Node(replace.data(), old.version() + 1, old.owner()));
            }
            case Change.Delete delete -> {
                expect(delete.path(), delete.version());
                if (!children(delete.path()).isEmpty()) {
                    throw new StoreConflict(StoreConflict.Kind.NOT_EMPTY, delete.path());
                }
                tree.remove(delete.path());
            }
            case Change.Check check -> expect(check.path(), check.version());
        }
    }

    private void insert(String path, byte[] data, InMemoryClusterStore owner) {
        if (tree.containsKey(path)) {
            throw new StoreConflict(StoreConflict.Kind.EXISTS, path);
        }
        String parent = path.substring(0, Math.max(1, path.lastIndexOf('/')));
        if (!tree.containsKey(parent)) {
            throw new StoreConflict(StoreConflict.Kind.MISSING, path);
        }
        tree.put(path, new Node(data, 0, owner));
    }

    private Node expect(String path, int version) {
        Node node = tree.get(path);
        if (node == null) {
            throw new StoreConflict(StoreConflict.Kind.MISSING, path);
        }
        if (version != Change.ANY_VERSION && version != node.version()) {
            throw new StoreConflict(StoreConflict.Kind.STALE, path);
        }
        return node;
    }

    @Override
    public synchronized String toString() {
        StringBuilder text = new StringBuilder();
        tree.forEach((path, node) -> text.append(path).append(' ').append(new String(node.data(), StandardCharsets.UTF_8)).append('\n'));
        return text.toString();
    }
}
