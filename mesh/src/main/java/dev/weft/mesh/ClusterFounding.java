package dev.weft.mesh;

import dev.weft.api.NodeRole;
import dev.weft.api.NodeSpec;
import dev.weft.api.SubnetPoolSpec;
import dev.weft.api.WeftException;
import dev.weft.mesh.cluster.CertificateRegistry;
import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.enrol.Authority;
import dev.weft.mesh.identity.DataDirectory;
import dev.weft.mesh.identity.Identity;
import dev.weft.mesh.model.ClusterRecord;
import dev.weft.mesh.model.MemberRecord;
import dev.weft.mesh.pki.CertificateAuthority;
import dev.weft.mesh.pki.CertificateSubject;
import dev.weft.mesh.pki.KeyMaterial;
import dev.weft.mesh.pki.NodeCredentials;
import dev.weft.mesh.pki.Seal;
import dev.weft.mesh.pki.TrustBundle;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.zookeeper.ZooKeeperClusterStore;
import java.nio.file.Files;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** What makes a cluster out of one node: an identity, then a store, then a CA in it. Each can be repeated when it was cut short. */
final class ClusterFounding {

    private static final int NODE_ID_BYTES = 8;
    private static final int CLUSTER_ID_BYTES = 16;

    private final DataDirectory directory;
    private final InstantSource clock;
    private final SecureRandom random;

    ClusterFounding(DataDirectory directory, InstantSource clock, SecureRandom random) {
        this.directory = directory;
        this.clock = clock;
        this.random = random;
    }

    /** The founder's identity. The CA that signs its certificate is good for the store's first start only: its key is nowhere. */
    void drawIdentity(NodeSpec spec) {
        if (Files.exists(directory.store())) {
            throw new WeftException.InvalidSpec("data directory " + spec.dataDirectory()
                    + " holds a cluster store but no identity; restore node.json, or take an empty directory");
        }
        Identity identity = new Identity(Authority.draw(NODE_ID_BYTES, random), spec.name(), NodeRole.MANAGER,
                Authority.draw(CLUSTER_ID_BYTES, random), true);
        directory.save(Seal.draw(random));
        directory.save(material(identity, CertificateAuthority.found(identity.clusterId(), clock.instant(), random)));
        directory.save(identity);
    }

    private KeyMaterial material(Identity identity, CertificateAuthority authority) {
        Instant now = clock.instant();
        KeyPair keys = CertificateAuthority.drawKeys(random);
        X509Certificate certificate = authority.issue(keys.getPublic(), new CertificateSubject(identity.clusterId(), identity.id(), identity.role()),
                now, CertificateAuthority.NODE_VALIDITY, random);
        return new KeyMaterial(keys.getPrivate(), certificate, authority.certificate(), new TrustBundle(List.of(authority.certificate())));
    }

    /** Makes the store's first entries, and the CA that stays, whose key goes into the store at once. Does nothing when all is there. */
    void fill(ZooKeeperClusterStore store, Identity identity, NodeCredentials credentials, SubnetPoolSpec subnetPool) {
        if (store.read(Layout.MEMBERS).isPresent()) {
            return;
        }
        List<Change.Create> entries = new ArrayList<>(Layout.ofManagers(new ClusterRecord(identity.clusterId(), subnetPool)));
        entries.addAll(Layout.ofMembers());
        store.bootstrap(entries);
        CertificateAuthority authority = CertificateAuthority.found(identity.clusterId(), clock.instant(), random);
        List<Change> last = new ArrayList<>(CertificateRegistry.founding(Authority.found(authority, random), directory.seal().orElseThrow(), random));
        last.addAll(Layout.membership(new MemberRecord(identity.id(), identity.name(), identity.role())));
        KeyMaterial material = material(identity, authority);
        directory.save(material);
        credentials.replace(material);
        store.commit(last);
    }
}
