package dev.weft.mesh.simulation;

import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.StoreConflict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The entries as one server has them. */
final class Tree {

    /** @param session whose end takes the entry along; 0 for nobody's */
    record Node(byte[] data, int version, long session) {
    }

    /** What a transaction makes of one entry. @param node null when it is gone */
    record Delta(String path, Node node) {
    }

    private final NavigableMap<String, Node> nodes = new TreeMap<>();
    /** By path: the last names of the entries right below. */
    private final Map<String, Set<String>> names = new HashMap<>();

    Tree() {
        put("/", new Node(new byte[0], 0, 0));
    }

    Tree(Tree other) {
        other.nodes.forEach(this::put);
    }

    private void put(String path, Node node) {
        if (nodes.put(path, node) == null && path.length() > 1) {
            names.computeIfAbsent(parent(path), key -> new HashSet<>()).add(name(path));
        }
    }

    private void remove(String path) {
        if (nodes.remove(path) != null) {
            names.computeIfPresent(parent(path), (key, all) -> all.remove(name(path)) && all.isEmpty() ? null : all);
        }
    }

    private static String parent(String path) {
        return path.substring(0, Math.max(1, path.lastIndexOf('/')));
    }

    private static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    Node get(String path) {
        return nodes.get(path);
    }

    boolean contains(String path) {
        return nodes.containsKey(path);
    }

    /** Sorted. */
    List<String> children(String path) {
        return names.getOrDefault(path, Set.of()).stream().sorted().toList();
    }

    int count(String path) {
        return names.getOrDefault(path, Set.of()).size();
    }

    /** An entry and all below it as they are now, parents first. */
    Map<String, Node> below(String root) {
        Map<String, Node> found = new LinkedHashMap<>();
        if (nodes.containsKey(root)) {
            found.put(root, nodes.get(root));
        }
        found.putAll(nodes.subMap(root + "/", root + "0")); // '0' follows '/' in ASCII
        return found;
    }

    SortedMap<String, Node> all() {
        return nodes;
    }

    void apply(List<Delta> deltas) {
        for (Delta delta : deltas) {
            if (delta.node() == null) {
                remove(delta.path());
            } else {
                put(delta.path(), delta.node());
            }
        }
    }

    /** What a transaction would do here. */
    List<Delta> prepare(List<Change> changes, long session, boolean givesTwice) {
        Transaction transaction = new Transaction(session, givesTwice);
        changes.forEach(transaction::make);
        return transaction.deltas;
    }

    private final class Transaction {
        private final long session;
        /** A fault on purpose: a store that lets an entry be created twice. */
        private final boolean givesTwice;
        private final List<Delta> deltas = new ArrayList<>();
        private final Map<String, Node> changed = new HashMap<>();

        Transaction(long session, boolean givesTwice) {
            this.session = session;
            this.givesTwice = givesTwice;
        }

        private Node find(String path) {
            return changed.containsKey(path) ? changed.get(path) : nodes.get(path);
        }

        private void put(String path, Node node) {
            changed.put(path, node);
            deltas.add(new Delta(path, node));
        }

        void make(Change change) {
            switch (change) {
                case Change.Create create -> insert(create.path(), create.data(), 0);
                case Change.CreateEphemeral create -> insert(create.path(), create.data(), session);
                case Change.Replace replace -> {
                    Node old = expect(replace.path(), replace.version());
                    put(replace.path(), new Node(replace.data(), old.version() + 1, old.session()));
                }
                case Change.Delete delete -> {
                    expect(delete.path(), delete.version());
                    if (children(delete.path()).stream().anyMatch(name -> find(delete.path() + "/" + name) != null)) {
                        throw new StoreConflict(StoreConflict.Kind.NOT_EMPTY, delete.path());
                    }
                    put(delete.path(), null);
                }
                case Change.Check check -> expect(check.path(), check.version());
            }
        }

        private void insert(String path, byte[] data, long owner) {
            if (find(path) != null && !givesTwice) {
                throw new StoreConflict(StoreConflict.Kind.EXISTS, path);
            }
            if (find(parent(path)) == null) {
                throw new StoreConflict(StoreConflict.Kind.MISSING, path);
            }
            put(path, new Node(data, 0, owner));
        }

        private Node expect(String path, int version) {
            Node node = find(path);
            if (node == null) {
                throw new StoreConflict(StoreConflict.Kind.MISSING, path);
            }
            if (version != Change.ANY_VERSION && version != node.version()) {
                throw new StoreConflict(StoreConflict.Kind.STALE, path);
            }
            return node;
        }
    }
}
