package dev.weft.mesh.store.zookeeper;

import dev.weft.mesh.cluster.MemberTransaction;
import dev.weft.mesh.cluster.MemberWrites;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.jute.Record;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.MultiOperationRecord;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.apache.zookeeper.common.Time;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.proto.CheckVersionRequest;
import org.apache.zookeeper.proto.CreateRequest;
import org.apache.zookeeper.proto.DeleteRequest;
import org.apache.zookeeper.proto.SetDataRequest;
import org.apache.zookeeper.server.PrepRequestProcessor;
import org.apache.zookeeper.server.Request;
import org.apache.zookeeper.server.RequestProcessor;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.txn.TxnHeader;

/**
 * Where the leader makes transactions of requests, one after the other: those of workers have to pass {@link MemberTransaction} and
 * {@link MemberWrites} before ZooKeeper looks at their rights. Managers may write what they want.
 */
final class GuardedPreparation extends PrepRequestProcessor {

    private final ServerScope scope;
    private final ZooKeeperServer server;
    /** The last one that was looked at as a whole, at its first operation; this class runs on one thread. */
    private Request judged;

    GuardedPreparation(ServerScope scope, ZooKeeperServer server, RequestProcessor next) {
        super(server, next);
        this.scope = scope;
        this.server = server;
    }

    /** For each operation of a request; what an exception ends has changed nothing. */
    @Override
    protected void pRequest2Txn(int type, long zxid, Request request, Record operation)
            throws KeeperException, IOException, RequestProcessorException {
        Optional<String> worker = workerOf(request);
        if (worker.isPresent()) {
            Optional<String> objection = byItself(type, operation).or(() -> change(type, operation).flatMap(each -> objection(each, worker.get())));
            if (objection.isEmpty() && request != judged) {
                judged = request;
                objection = new MemberTransaction(worker.get(), this::entry).objection(changes(request, type, operation));
            }
            if (objection.isPresent()) {
                scope.refuseEntry(worker.get(), objection.get());
                if (request.getHdr() == null) { // as ZooKeeper begins: without it the request would wait for a commit for ever
                    request.setHdr(new TxnHeader(request.sessionId, request.cxid, zxid, Time.currentWallTime(), type));
                }
                throw new KeeperException.NoAuthException();
            }
        }
        super.pRequest2Txn(type, zxid, request, operation);
    }

    /** Nothing for managers, and for what the server wants by itself. */
    private static Optional<String> workerOf(Request request) {
        if (request.authInfo == null || request.authInfo.stream().anyMatch(id -> id.getScheme().equals(NodeAuthentication.SUPER))) {
            return Optional.empty();
        }
        return request.authInfo.stream().filter(id -> id.getScheme().equals(Acls.SCHEME)).map(Id::getId).findFirst();
    }

    private Optional<ClusterStore.Entry> entry(String path) {
        return ZooKeeperInternals.entry(server, path);
    }

    private Optional<String> objection(Change change, String worker) {
        return new MemberWrites(worker, this::entry).objection(change).map(why -> change.path() + ": " + why);
    }

    /** What comes or goes without its owner's word. */
    private static Optional<String> byItself(int type, Record operation) {
        return switch (type) {
            case OpCode.create, OpCode.create2 -> switch (mode((CreateRequest) operation)) {
                case PERSISTENT, EPHEMERAL -> Optional.empty();
                default -> Optional.of("an entry whose name the store completes, or that goes by itself");
            };
            case OpCode.createContainer, OpCode.createTTL -> Optional.of("an entry that goes by itself");
            // a server's own word, which ZooKeeper takes from clients as well, for any entry and without a look at the ACL
            case OpCode.deleteContainer -> Optional.of("the removal of an entry that was to go by itself");
            default -> Optional.empty();
        };
    }

    /** All of a request, of whose operations this is the first. */
    private static List<Change> changes(Request request, int type, Record operation) throws IOException {
        if (request.type != OpCode.multi) {
            return change(type, operation).stream().toList();
        }
        List<Change> changes = new ArrayList<>();
        for (Op each : request.readRequestRecord(MultiOperationRecord::new)) {
            change(each.getType(), each.toRequestRecord()).ifPresent(changes::add);
        }
        return changes;
    }

    /** Nothing for what changes no entry, or none that stays as it is named. */
    private static Optional<Change> change(int type, Record operation) {
        return switch (type) {
            case OpCode.create, OpCode.create2 -> created((CreateRequest) operation);
            case OpCode.setData -> {
                SetDataRequest set = (SetDataRequest) operation;
                yield Optional.of(new Change.Replace(set.getPath(), present(set.getData()), set.getVersion()));
            }
            case OpCode.delete -> {
                DeleteRequest delete = (DeleteRequest) operation;
                yield Optional.of(new Change.Delete(delete.getPath(), delete.getVersion()));
            }
            case OpCode.check -> {
                CheckVersionRequest check = (CheckVersionRequest) operation;
                yield Optional.of(new Change.Check(check.getPath(), check.getVersion()));
            }
            default -> Optional.empty();
        };
    }

    private static Optional<Change> created(CreateRequest create) {
        return switch (mode(create)) {
            case PERSISTENT -> Optional.of(new Change.Create(create.getPath(), present(create.getData())));
            case EPHEMERAL -> Optional.of(new Change.CreateEphemeral(create.getPath(), present(create.getData())));
            default -> Optional.empty();
        };
    }

    private static byte[] present(byte[] data) {
        return data == null ? new byte[0] : data;
    }

    /** What is no mode at all fails with ZooKeeper's own error. */
    private static CreateMode mode(CreateRequest create) {
        return CreateMode.fromFlag(create.getFlags(), CreateMode.PERSISTENT);
    }
}
