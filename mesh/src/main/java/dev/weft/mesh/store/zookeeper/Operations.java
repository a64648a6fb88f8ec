package dev.weft.mesh.store.zookeeper;

import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.StoreConflict;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.data.ACL;

/** {@link Change}s as ZooKeeper's operations, and its refusals as {@link StoreConflict}s. */
final class Operations {

    private Operations() {
    }

    static List<Op> of(List<Change> changes, BiFunction<String, Optional<String>, List<ACL>> acl) {
        return changes.stream().map(change -> switch (change) {
            case Change.Create create -> Op.create(create.path(), create.data(), acl.apply(create.path(), create.node()), CreateMode.PERSISTENT);
            case Change.CreateEphemeral create ->
                    Op.create(create.path(), create.data(), acl.apply(create.path(), Optional.empty()), CreateMode.EPHEMERAL);
            case Change.Replace replace -> Op.setData(replace.path(), replace.data(), replace.version());
            case Change.Delete delete -> Op.delete(delete.path(), delete.version());
            case Change.Check check -> Op.check(check.path(), check.version());
        }).toList();
    }

    /** Nothing when the failure is no conflict: a lost connection, a missing right. */
    static Optional<StoreConflict> conflict(List<Change> changes, KeeperException failure) {
        return kind(failure.code()).map(kind -> new StoreConflict(kind, changes.get(indexOfFailed(failure)).path()));
    }

    /** The results before the failed operation are OK, those after it RUNTIMEINCONSISTENCY. */
    private static int indexOfFailed(KeeperException failure) {
        List<OpResult> results = failure.getResults();
        for (int i = 0; results != null && i < results.size(); i++) {
            if (results.get(i) instanceof OpResult.ErrorResult error && error.getErr() != KeeperException.Code.OK.intValue()) {
                return i;
            }
        }
        return 0;
    }

    private static Optional<StoreConflict.Kind> kind(KeeperException.Code code) {
        return switch (code) {
            case NODEEXISTS -> Optional.of(StoreConflict.Kind.EXISTS);
            case NONODE -> Optional.of(StoreConflict.Kind.MISSING);
            case BADVERSION -> Optional.of(StoreConflict.Kind.STALE);
            case NOTEMPTY -> Optional.of(StoreConflict.Kind.NOT_EMPTY);
            default -> Optional.empty();
        };
    }
}
