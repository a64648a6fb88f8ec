package dev.weft.mesh.enrol;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import dev.weft.mesh.cluster.CertificateRegistry;
import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.model.ClusterRecord;
import dev.weft.mesh.pki.NodeCredentials;
import dev.weft.mesh.pki.Seal;
import dev.weft.mesh.pki.TestAuthority;
import dev.weft.mesh.schedule.SystemScheduler;
import dev.weft.mesh.store.InMemoryCluster;
import dev.weft.mesh.store.InMemoryClusterStore;
import dev.weft.testing.FreePort;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManagerDutyTest {

    @TempDir
    private Path directory;

    /** A worker that is made a manager takes its duty up while its connection to the store begins anew. */
    @Test
    void shouldLeaveThePortWhenItCannotBegin() {
        InMemoryClusterStore store = new InMemoryCluster().connect();
        Layout.ofManagers(new ClusterRecord(TestAuthority.CLUSTER)).forEach(store::commit);
        Layout.ofMembers().forEach(store::commit);
        TestAuthority ca = new TestAuthority(directory);
        NodeCredentials credentials = ca.credentials(TestAuthority.id(1), NodeRole.MANAGER);
        SecureRandom random = new SecureRandom();
        CertificateRegistry certificates = new CertificateRegistry(store, random);
        Seal seal = Seal.draw(random);
        CertificateRegistry.founding(Authority.found(ca.authority(), random), seal, random).forEach(store::commit);
        Registries registries = new Registries(store, random);
        Authority authority = new Authority(registries, certificates, TestAuthority.CLUSTER, seal, InstantSource.system(), random);
        InetSocketAddress management = new InetSocketAddress("127.0.0.1", FreePort.tcp());

        store.suspend();
        assertThrows(WeftException.ManagerUnreachable.class, () -> begin(management, credentials, authority, registries, store));
        store.resume();
        begin(management, credentials, authority, registries, store).close();
    }

    private static ManagerDuty begin(InetSocketAddress management, NodeCredentials credentials, Authority authority, Registries registries,
                                     InMemoryClusterStore store) {
        return ManagerDuty.start(TestAuthority.id(1), management, credentials, authority, new MemberEndpoints(registries), store, ofNode -> { },
                new SystemScheduler());
    }
}
