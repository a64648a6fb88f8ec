package dev.weft.mesh.enrol;

import dev.weft.api.WeftException;
import dev.weft.mesh.cluster.CertificateRegistry;
import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.cluster.Membership;
import dev.weft.mesh.model.AuthorityRecord;
import dev.weft.mesh.model.CertificateRecord;
import dev.weft.mesh.model.MemberRecord;
import dev.weft.mesh.pki.CertificateAuthority;
import dev.weft.mesh.pki.KeyMaterial;
import dev.weft.mesh.pki.NodeCredentials;
import dev.weft.mesh.pki.Pem;
import dev.weft.mesh.pki.RenewalRule;
import dev.weft.mesh.pki.TrustBundle;
import dev.weft.mesh.schedule.Scheduler;
import dev.weft.mesh.schedule.Worker;
import dev.weft.mesh.state.RetryDelay;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.Subtree;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a node's certificate as the cluster wants it: trusts the CAs of the moment, asks for another certificate when it is time,
 * and says what it has.
 *
 * <pre>
 *                     CA or role changed, or an hour is over
 *    CONTENT ----------------------------------------------------> LOOKING
 *       ^   all is as it should be, and reported                    |   ^
 *       +-----------------------------------------------------------+   | 100 ms to 5 s
 *                                                     failed: WAITING --+
 * </pre>
 */
public final class CertificateKeeper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CertificateKeeper.class);
    private static final long LOOK_AGAIN_MS = Duration.ofHours(1).toMillis();

    private final String nodeId;
    private final NodeCredentials credentials;
    private final Membership membership;
    private final CertificateRegistry certificates;
    private final Renewer renewer;
    private final BiConsumer<KeyMaterial, Optional<Enrolment>> adopted;
    private final InstantSource clock;
    private final SecureRandom random;
    private final Worker worker;
    private final List<Subtree> watched = new ArrayList<>();
    private int failures;
    /** How many there have been; the worker's, as failures are. */
    private long looks;
    private CertificateRecord reported;

    /**
     * @param adopted called on this object's thread with new key material before it is used, and the answer that brought it; to keep it
     */
    public CertificateKeeper(String nodeId, NodeCredentials credentials, Membership membership, CertificateRegistry certificates, Renewer renewer,
                             BiConsumer<KeyMaterial, Optional<Enrolment>> adopted, Scheduler scheduler, InstantSource clock, SecureRandom random) {
        this.nodeId = nodeId;
        this.credentials = credentials;
        this.membership = membership;
        this.certificates = certificates;
        this.renewer = renewer;
        this.adopted = adopted;
        this.clock = clock;
        this.random = random;
        this.worker = scheduler.worker("weft-certificate-" + nodeId);
    }

    /** Begins, once. @throws WeftException.ManagerUnreachable if the store is away */
    public void start(ClusterStore store) {
        watched.add(store.watch(Layout.AUTHORITY, this::changed));
        watched.add(store.watch(Layout.member(nodeId), this::changed));
        worker.schedule(this::look, 0);
    }

    /** Something that matters may be another now. Never blocks. */
    public void changed() {
        worker.schedule(this::look, 0);
    }

    /** Whatever it meets, a disk that is full too, there is a next look: a certificate that nobody renews ends, and the node with it. */
    private void look() {
        long number = ++looks;
        try {
            keep();
            failures = 0;
        } catch (WeftException e) {
            failures++;
            LOG.debug("node {} could not see to its certificate and will try again: {}", nodeId, e.getMessage());
        } catch (RuntimeException e) {
            failures++;
            LOG.warn("node {} could not see to its certificate and will try again", nodeId, e);
        }
        worker.schedule(() -> {
            if (looks == number) { // or there has been another one, with a next one of its own
                look();
            }
        }, failures == 0 ? LOOK_AGAIN_MS : RetryDelay.afterMillis(failures));
    }

    private void keep() {
        Optional<MemberRecord> member = membership.member(nodeId);
        if (member.isEmpty()) {
            return; // removed; what it asks for is refused, and says so
        }
        AuthorityRecord authority = certificates.authority();
        TrustBundle trust = trust(authority.trusted());
        if (!trust.equals(credentials.current().trust())) {
            adopt(credentials.current().withTrust(trust), Optional.empty());
        }
        if (RenewalRule.isDue(credentials.current(), Authority.digest(authority.signing()), member.get().role(), clock.instant())) {
            KeyPair keys = CertificateAuthority.drawKeys(random);
            Enrolment enrolment = renewer.renew(keys);
            adopt(material(keys, enrolment), Optional.of(enrolment));
            LOG.info("node {} has a new certificate, good until {}", nodeId, credentials.current().certificate().getNotAfter().toInstant());
        }
        report();
    }

    private void adopt(KeyMaterial material, Optional<Enrolment> enrolment) {
        adopted.accept(material, enrolment);
        credentials.replace(material);
    }

    private void report() {
        KeyMaterial material = credentials.current();
        CertificateRecord record = new CertificateRecord(material.subject().role(), material.certificate().getNotAfter().toInstant().toString(),
                material.issuerDigest(), material.trust().authorities().stream().map(CertificateAuthority::digest).toList());
        if (!record.equals(reported)) {
            certificates.report(nodeId, record);
            reported = record;
        }
    }

    /** What an answer and the keys that it was asked for make together. */
    public static KeyMaterial material(KeyPair keys, Enrolment enrolment) {
        try {
            List<X509Certificate> chain = Pem.certificates(enrolment.certificate());
            return new KeyMaterial(keys.getPrivate(), chain.getFirst(), chain.getLast(), trust(enrolment.trusted()));
        } catch (CertificateException e) {
            throw new WeftException.ManagerUnreachable("the manager's answer has no certificate that can be read: " + e.getMessage(), e);
        }
    }

    private static TrustBundle trust(List<String> pem) {
        try {
            List<X509Certificate> authorities = new ArrayList<>();
            for (String each : pem) {
                authorities.add(Pem.certificates(each).getFirst());
            }
            return new TrustBundle(authorities);
        } catch (CertificateException e) {
            throw new WeftException.ManagerUnreachable("a CA of the cluster cannot be read: " + e.getMessage(), e);
        }
    }

    /** Idempotent. What is being written is written to its end. */
    @Override
    public void close() {
        worker.close();
        watched.forEach(Subtree::close);
    }
}
