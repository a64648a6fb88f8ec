package dev.weft.mesh.enrol;

import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import dev.weft.mesh.cluster.CertificateRegistry;
import dev.weft.mesh.cluster.CertificateRegistry.State;
import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.identity.JoinToken;
import dev.weft.mesh.identity.ManagerAddress;
import dev.weft.mesh.model.AuthorityRecord;
import dev.weft.mesh.model.CertificateRecord;
import dev.weft.mesh.model.ManagerSecrets;
import dev.weft.mesh.model.MemberRecord;
import dev.weft.mesh.model.ServerRecord;
import dev.weft.mesh.pki.CaRotation;
import dev.weft.mesh.pki.CertificateAuthority;
import dev.weft.mesh.pki.CertificateSubject;
import dev.weft.mesh.pki.Pem;
import dev.weft.mesh.pki.Seal;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a manager does in the CA's name. The CA's key and the role secrets are in the store, under a key that the managers hold,
 * so every manager is as good as the other. Thread-safe.
 */
public final class Authority {

    private static final int SECRET_BYTES = 32;
    private static final int NODE_ID_BYTES = 8;

    private final Registries registries;
    private final CertificateRegistry certificates;
    private final String clusterId;
    private final Seal seal;
    private final InstantSource clock;
    private final SecureRandom random;

    public Authority(Registries registries, CertificateRegistry certificates, String clusterId, Seal seal, InstantSource clock,
                     SecureRandom random) {
        this.registries = registries;
        this.certificates = certificates;
        this.clusterId = clusterId;
        this.seal = seal;
        this.clock = clock;
        this.random = random;
    }

    /** The CA and the secrets of a new cluster. */
    public static State found(CertificateAuthority authority, SecureRandom random) {
        ManagerSecrets secrets = new ManagerSecrets(draw(SECRET_BYTES, random), draw(SECRET_BYTES, random),
                Map.of(authority.digest(), Pem.text(authority.key(), List.of())));
        return new State(new AuthorityRecord(AuthorityRecord.Phase.STABLE, Pem.text(List.of(authority.certificate())), ""), secrets);
    }

    /** @return hexadecimal digits, two a byte */
    public static String draw(int bytes, SecureRandom random) {
        byte[] drawn = new byte[bytes];
        random.nextBytes(drawn);
        return HexFormat.of().formatHex(drawn);
    }

    /** What a node needs to join. */
    public String token(NodeRole role) {
        State state = certificates.state(seal);
        return new JoinToken(digest(state.authority().signing()), role, state.secrets().of(role)).text();
    }

    /** Makes the tokens of a role worthless that were handed out, and a new one. Members are not affected. */
    public String rotateToken(NodeRole role) {
        String secret = draw(SECRET_BYTES, random);
        certificates.change(seal, state -> new State(state.authority(), state.secrets().with(role, secret)));
        return token(role);
    }

    /** Begins to replace the CA; see {@link CaRotation}. */
    public void rotateAuthority() {
        CertificateAuthority next = CertificateAuthority.found(clusterId, clock.instant(), random);
        certificates.change(seal, state -> {
            Map<String, String> keys = new TreeMap<>(state.secrets().authorityKeys());
            keys.put(next.digest(), Pem.text(next.key(), List.of()));
            return new State(CaRotation.begin(state.authority(), Pem.text(List.of(next.certificate()))), state.secrets().with(keys));
        });
    }

    /** Takes the rotation a step further, if it is time. The key of a CA that is not trusted any more is dropped. */
    public void advanceRotation() {
        if (certificates.authority().phase() == AuthorityRecord.Phase.STABLE) {
            return;
        }
        List<String> members = certificates.members();
        Map<String, CertificateRecord> reports = certificates.reports();
        certificates.change(seal, state -> {
            AuthorityRecord next = CaRotation.advance(state.authority(), members, reports, Authority::digest);
            Map<String, String> keys = new TreeMap<>(state.secrets().authorityKeys());
            keys.keySet().retainAll(next.trusted().stream().map(Authority::digest).toList());
            return new State(next, state.secrets().with(keys));
        });
    }

    /**
     * Takes a node in. Its id follows from its key: who asks again because the answer was lost has joined once.
     *
     * @throws WeftException.TokenRefused if the secret is not the role's
     * @throws WeftException.NameTaken    if a live node has the name
     * @throws WeftException.InvalidSpec  if the request for a certificate is malformed
     */
    Enrolment enrol(EnrolRequest request) {
        State state = certificates.state(seal);
        if (!MessageDigest.isEqual(bytes(request.secret()), bytes(state.secrets().of(request.role())))) {
            throw new WeftException.TokenRefused("the join token is not, or no longer, one of this cluster's for a "
                    + request.role().name().toLowerCase(java.util.Locale.ROOT) + "; ask a manager for one (weft token)");
        }
        PublicKey key = requestedKey(request.certificateRequest());
        String digest = CertificateAuthority.digest(key);
        MemberRecord member = new MemberRecord(digest.substring(0, 2 * NODE_ID_BYTES), request.name(), request.role(), digest);
        registries.membership().admit(member);
        return enrolment(state, member, key);
    }

    /**
     * Another certificate for a member, in the role that it has by now.
     *
     * @throws WeftException.IdentityRefused if it is not a member any more
     * @throws WeftException.InvalidSpec     if the request for a certificate is malformed
     */
    Enrolment renew(String nodeId, RenewRequest request) {
        MemberRecord member = registries.membership().member(nodeId).orElseThrow(() -> new WeftException.IdentityRefused("node " + nodeId
                + " has been removed from the cluster; take an empty data directory and join again with a token"));
        return enrolment(certificates.state(seal), member, requestedKey(request.certificateRequest()));
    }

    /** For this manager itself. */
    public Enrolment renewOwn(String nodeId, KeyPair keys) {
        return renew(nodeId, new RenewRequest(CertificateAuthority.request(keys)));
    }

    private static PublicKey requestedKey(byte[] request) {
        try {
            return CertificateAuthority.requestedKey(request);
        } catch (CertificateException e) {
            throw new WeftException.InvalidSpec(e.getMessage(), e);
        }
    }

    private Enrolment enrolment(State state, MemberRecord member, PublicKey key) {
        CertificateAuthority authority = authority(state);
        X509Certificate certificate = authority.issue(key, new CertificateSubject(clusterId, member.id(), member.role()), clock.instant(),
                CertificateAuthority.NODE_VALIDITY, random);
        return new Enrolment(Pem.text(List.of(certificate, authority.certificate())), state.authority().trusted(), stores(),
                member.role() == NodeRole.MANAGER ? seal.key() : "");
    }

    private List<String> stores() {
        return registries.servers().all().stream().filter(ServerRecord::wanted).map(ServerRecord::store).map(ManagerAddress::text).toList();
    }

    private static CertificateAuthority authority(State state) {
        try {
            X509Certificate certificate = Pem.certificates(state.authority().signing()).getFirst();
            return new CertificateAuthority(certificate,
                    Pem.privateKey(state.secrets().authorityKeys().get(CertificateAuthority.digest(certificate))));
        } catch (CertificateException e) {
            throw new IllegalStateException("the CA in the cluster store cannot be read", e);
        }
    }

    /** Of a CA's PEM. */
    static String digest(String pem) {
        try {
            return CertificateAuthority.digest(Pem.certificates(pem).getFirst());
        } catch (CertificateException e) {
            throw new IllegalStateException("a CA in the cluster store cannot be read", e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
