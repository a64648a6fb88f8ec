package dev.weft.mesh.cluster;

import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.model.ServerAllocationRecord;
import dev.weft.mesh.model.ServerRecord;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import java.util.List;
import java.util.Optional;

/** The managers' servers: which there are, and which there shall be. Thread-safe. */
public final class ServerRegistry {

    /** The number of the cluster's first server. */
    public static final int FIRST = 1;

    private final ClusterStore store;

    public ServerRegistry(ClusterStore store) {
        this.store = store;
    }

    /** A number that no server has or had. */
    public int allot() {
        return Retry.whileConflicting("allot a number to a manager's server", () -> {
            ClusterStore.Entry entry = store.read(Layout.SERVERS).orElseThrow();
            int number = RecordCodec.decode(entry.data(), ServerAllocationRecord.class).next();
            byte[] next = RecordCodec.encode(new ServerAllocationRecord(number + 1), entry.data());
            store.commit(new Change.Replace(Layout.SERVERS, next, entry.version()));
            return number;
        });
    }

    /** Enters a server, or says where it is now. Idempotent. */
    public void enter(ServerRecord server) {
        Retry.whileConflicting("enter server " + server.number(), () -> {
            Optional<ClusterStore.Entry> entry = store.read(Layout.server(server.number()));
            byte[] record = RecordCodec.encode(server);
            store.commit(entry.<Change>map(old -> new Change.Replace(Layout.server(server.number()), record, old.version()))
                    .orElseGet(() -> new Change.Create(Layout.server(server.number()), record)));
            return server;
        });
    }

    /**
     * Writes a server's record once more, as it is.
     *
     * @return the record's path and version: whoever has seen it has seen all that was done before
     */
    public Mark mark(int number) {
        return Retry.whileConflicting("mark server " + number, () -> {
            ClusterStore.Entry entry = store.read(Layout.server(number)).orElseThrow();
            store.commit(new Change.Replace(Layout.server(number), entry.data(), entry.version()));
            return new Mark(Layout.server(number), entry.version() + 1);
        });
    }

    /** A version of an entry. */
    public record Mark(String path, int version) {
    }

    /** Says that the server shall leave the ensemble. Does nothing when it is gone already. */
    public void dismiss(int number) {
        find(number).filter(ServerRecord::wanted).ifPresent(server -> enter(server.unwanted()));
    }

    /** Does nothing when it is gone already. */
    public void remove(int number) {
        Retry.whileConflicting("remove server " + number, () -> {
            if (store.read(Layout.server(number)).isPresent()) {
                store.commit(new Change.Delete(Layout.server(number)));
            }
            return number;
        });
    }

    public Optional<ServerRecord> find(int number) {
        return store.read(Layout.server(number)).map(entry -> RecordCodec.decode(entry.data(), ServerRecord.class));
    }

    /** By number. */
    public List<ServerRecord> all() {
        return store.children(Layout.SERVERS).stream().map(Integer::valueOf).sorted().flatMap(number -> find(number).stream()).toList();
    }

    public Optional<ServerRecord> of(String nodeId) {
        return all().stream().filter(server -> server.node().equals(nodeId)).findFirst();
    }
}
