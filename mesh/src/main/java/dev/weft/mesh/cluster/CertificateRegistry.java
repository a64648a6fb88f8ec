package dev.weft.mesh.cluster;

import dev.weft.api.WeftException;
import dev.weft.mesh.model.AuthorityRecord;
import dev.weft.mesh.model.CertificateRecord;
import dev.weft.mesh.model.ManagerSecrets;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.model.SealedRecord;
import dev.weft.mesh.pki.Seal;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** The cluster's CAs, the managers' secrets, and what certificate each node has. Thread-safe. */
public final class CertificateRegistry {

    private static final String LABEL = "weft manager secrets";

    private final ClusterStore store;
    private final SecureRandom random;

    /** The CAs and what only managers can open, as they were at one moment. */
    public record State(AuthorityRecord authority, ManagerSecrets secrets) {
    }

    public CertificateRegistry(ClusterStore store, SecureRandom random) {
        this.store = store;
        this.random = random;
    }

    /** The first entries of a new cluster. */
    public static List<Change.Create> founding(State state, Seal seal, SecureRandom random) {
        return List.of(new Change.Create(Layout.AUTHORITY, RecordCodec.encode(state.authority())),
                new Change.Create(Layout.SECRETS, sealed(state.secrets(), seal, random)));
    }

    private static byte[] sealed(ManagerSecrets secrets, Seal seal, SecureRandom random) {
        return RecordCodec.encode(new SealedRecord(seal.seal(RecordCodec.encode(secrets), LABEL, random)));
    }

    public AuthorityRecord authority() {
        return RecordCodec.decode(required(Layout.AUTHORITY).data(), AuthorityRecord.class);
    }

    /** For managers. */
    public State state(Seal seal) {
        return new State(authority(), open(required(Layout.SECRETS), seal));
    }

    /**
     * Replaces both in one transaction, and does it again when somebody was faster. For managers.
     *
     * @param change of what is there; the same when there is nothing to change
     */
    public State change(Seal seal, Function<State, State> change) {
        return Retry.whileConflicting("change the cluster's CA or tokens", () -> {
            ClusterStore.Entry authority = required(Layout.AUTHORITY);
            ClusterStore.Entry secrets = required(Layout.SECRETS);
            State now = new State(RecordCodec.decode(authority.data(), AuthorityRecord.class), open(secrets, seal));
            State next = change.apply(now);
            if (!next.equals(now)) {
                store.commit(new Change.Replace(Layout.AUTHORITY, RecordCodec.encode(next.authority()), authority.version()),
                        new Change.Replace(Layout.SECRETS, sealed(next.secrets(), seal, random), secrets.version()));
            }
            return next;
        });
    }

    private ClusterStore.Entry required(String path) {
        return store.read(path).orElseThrow(() -> new WeftException.ManagerUnreachable("the cluster's entry " + path
                + " is not there; what answers is no manager of a Weft cluster, or it is being restored"));
    }

    private static ManagerSecrets open(ClusterStore.Entry entry, Seal seal) {
        try {
            byte[] box = RecordCodec.decode(entry.data(), SealedRecord.class).box();
            return RecordCodec.decode(seal.open(box, LABEL), ManagerSecrets.class);
        } catch (GeneralSecurityException e) {
            throw new WeftException.IdentityRefused("this manager's seal does not open the cluster's secrets; its data directory is of another "
                    + "cluster, or was restored without the file 'seal'", e);
        }
    }

    /** By id of the node. */
    public Map<String, CertificateRecord> reports() {
        Map<String, CertificateRecord> reports = new TreeMap<>();
        store.children(Layout.CERTIFICATES).forEach(id -> report(id).ifPresent(report -> reports.put(id, report)));
        return reports;
    }

    public Optional<CertificateRecord> report(String nodeId) {
        return store.read(Layout.certificate(nodeId)).map(entry -> RecordCodec.decode(entry.data(), CertificateRecord.class));
    }

    /** Says what certificate a node has; the node itself does. */
    public void report(String nodeId, CertificateRecord report) {
        Retry.whileConflicting("report the certificate of node " + nodeId, () -> {
            Optional<ClusterStore.Entry> entry = store.read(Layout.certificate(nodeId));
            byte[] record = RecordCodec.encode(report);
            store.commit(entry.<Change>map(old -> new Change.Replace(Layout.certificate(nodeId), record, old.version()))
                    .orElseGet(() -> new Change.Create(Layout.certificate(nodeId), record)));
            return report;
        });
    }

    /** Ids of all members. */
    public List<String> members() {
        return store.children(Layout.MEMBERS);
    }
}
