package dev.weft.mesh.enrol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.api.NodeRole;
import dev.weft.mesh.cluster.CertificateRegistry;
import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.model.AuthorityRecord;
import dev.weft.mesh.model.ClusterRecord;
import dev.weft.mesh.model.MemberRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.pki.KeyMaterial;
import dev.weft.mesh.pki.NodeCredentials;
import dev.weft.mesh.pki.Pem;
import dev.weft.mesh.pki.TestAuthority;
import dev.weft.mesh.schedule.Monitor;
import dev.weft.mesh.schedule.Scheduler;
import dev.weft.mesh.schedule.Worker;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.InMemoryCluster;
import dev.weft.mesh.store.InMemoryClusterStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateKeeperTest {

    private static final String ID = TestAuthority.id(1);

    @TempDir
    private Path directory;
    private final SecureRandom random = new SecureRandom();
    private final InMemoryClusterStore store = new InMemoryCluster().connect();
    private final Deque<Runnable> due = new ArrayDeque<>();
    private NodeCredentials credentials;
    private CertificateRegistry certificates;
    private boolean diskIsFull;

    /** A worker whose tasks run when the test wants it. */
    private final Scheduler byHand = new Scheduler() {
        @Override
        public Worker worker(String name) {
            return new Worker() {
                @Override
                public void schedule(Runnable task, long delayMillis) {
                    due.add(task);
                }

                @Override
                public void interrupt() {
                    close();
                }

                @Override
                public void close() {
                    due.clear();
                }
            };
        }

        @Override
        public Monitor monitor() {
            throw new UnsupportedOperationException("nobody waits here");
        }
    };

    /** The cluster trusts a second CA, which this node does not know of yet. */
    @BeforeEach
    void rotate() {
        TestAuthority first = new TestAuthority(directory);
        TestAuthority second = new TestAuthority(directory);
        credentials = first.credentials(ID, NodeRole.WORKER);
        Layout.ofManagers(new ClusterRecord(TestAuthority.CLUSTER)).forEach(store::commit);
        Layout.ofMembers().forEach(store::commit);
        store.commit(Layout.membership(new MemberRecord(ID, "one", NodeRole.WORKER)));
        store.commit(new Change.Create(Layout.AUTHORITY, RecordCodec.encode(new AuthorityRecord(AuthorityRecord.Phase.SPREADING,
                Pem.text(List.of(first.authority().certificate())), Pem.text(List.of(second.authority().certificate()))))));
        certificates = new CertificateRegistry(store, random);
    }

    private CertificateKeeper keeper() {
        return new CertificateKeeper(ID, credentials, new Registries(store, random).membership(), certificates, keys -> {
            throw new UnsupportedOperationException("the certificate is good");
        }, this::keep, byHand, InstantSource.system(), random);
    }

    private void keep(KeyMaterial material, Optional<Enrolment> enrolment) {
        if (diskIsFull) {
            throw new UncheckedIOException(new IOException("No space left on device"));
        }
    }

    private void look() {
        due.remove().run();
    }

    private int trusted() {
        return credentials.current().trust().authorities().size();
    }

    /** Else its certificate would end one day, and the node with it. */
    @Test
    void shouldLookAgainWhateverItMeets() {
        diskIsFull = true;
        try (CertificateKeeper keeper = keeper()) {
            keeper.start(store);
            due.clear();
            keeper.changed();
            look();
            assertEquals(1, trusted());
            diskIsFull = false;
            look();
            assertEquals(2, trusted());
            assertEquals(2, certificates.report(ID).orElseThrow().trusted().size());
        }
    }

    @Test
    void shouldHaveOneNextLookHoweverLongTheStoreIsAway() {
        try (CertificateKeeper keeper = keeper()) {
            keeper.start(store);
            store.suspend();
            for (int i = 0; i < 20; i++) {
                look();
            }
            assertEquals(1, due.size());
            store.resume();
            look();
            assertEquals(2, trusted());
        }
    }
}
