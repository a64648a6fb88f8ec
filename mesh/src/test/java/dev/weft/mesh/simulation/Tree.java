package dev.weft.mesh.simulation;

import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.StoreConflict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
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

    Tree() {
        nodes.put("/", new Node(new byte[0], 0, 0));
    }

    Tree(Tree other) {
        nodes.putAll(other.nodes);
    }

    Node get(String path) {
        return nodes.get(path);
    }

    boolean contains(String path) {
        return nodes.containsKey(path);
    }

    List<String> children(String path) {
        String prefix = path.equals("/") ? "/" : path + "/";
        List<String> names = new ArrayList<>();
        String next = nodes.higherKey(prefix);
        while (next != null && next.startsWith(prefix)) {
            int slash = next.indexOf('/', prefix.length());
            if (slash < 0) {
                names.add(next.substring(prefix.length()));
                next = nodes.higherKey(next);
            } else {
                // '0' follows '/' in ASCII: past all that is deeper
                next = nodes.ceilingKey(next.substring(0, slash) + "0");
            }
        }
        return names;
    }

    /** An entry and all below it. */
    SortedMap<String, Node> below(String root) {
        SortedMap<String, Node> found = new TreeMap<>(nodes.subMap(root + "/", root + "0"));
        if (nodes.containsKey(root)) {
            found.put(root, nodes.get(root));
        }
        return found;
    }

    SortedMap<String, Node> all() {
        return nodes;
    }

    void apply(List<Delta> deltas) {
        for (Delta delta : deltas) {
            if (delta.node() == null) {
                nodes.remove(delta.path());
            } else {
                nodes.put(delta.path(), delta.node());
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
            String parent = path.substring(0, Math.max(1, path.lastIndexOf('/')));
            if (find(parent) == null) {
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
