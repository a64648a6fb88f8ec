package dev.weft.mesh.store;

import java.util.concurrent.ConcurrentLinkedQueue;

/** A store as it is, and a record of all that its watches told of. */
public final class HeardStore extends DelegatingStore {

    /** Paths of entries, once for each time. */
    public final ConcurrentLinkedQueue<String> heard = new ConcurrentLinkedQueue<>();

    public HeardStore(ClusterStore store) {
        super(store);
    }

    @Override
    public Subtree watch(String path, EntryListener listener) {
        return super.watch(path, (entry, data) -> {
            heard.add(entry);
            listener.changed(entry, data);
        });
    }
}
