package dev.weft.mesh.pki;

import dev.weft.api.NodeRole;
import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.store.zookeeper.StoreLogin;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** A CA and the nodes that it made. Its own clock is the machine's. */
public final class TestAuthority {

    public static final String CLUSTER = "0123456789abcdef0123456789abcdef";
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Path directory;
    private final CertificateAuthority authority = CertificateAuthority.found(CLUSTER, Instant.now(), RANDOM);

    /** @param directory for key files; its parents are there */
    public TestAuthority(Path directory) {
        this.directory = directory;
    }

    /** Id of a node, by a number of the test's choice. */
    public static String id(int number) {
        return "%016x".formatted(number);
    }

    public CertificateAuthority authority() {
        return authority;
    }

    public KeyMaterial material(String id, NodeRole role) {
        return material(id, role, Instant.now(), CertificateAuthority.NODE_VALIDITY);
    }

    public KeyMaterial material(String id, NodeRole role, Instant made, Duration validity) {
        KeyPair keys = CertificateAuthority.drawKeys(RANDOM);
        X509Certificate certificate = authority.issue(keys.getPublic(), new CertificateSubject(CLUSTER, id, role), made, validity, RANDOM);
        return new KeyMaterial(keys.getPrivate(), certificate, authority.certificate(), new TrustBundle(List.of(authority.certificate())));
    }

    public NodeCredentials credentials(String id, NodeRole role) {
        return new NodeCredentials(material(id, role), InstantSource.system(), new Refusals(InstantSource.system()));
    }

    public StoreLogin login(String id, NodeRole role) {
        return login(id, material(id, role));
    }

    public StoreLogin login(String id, KeyMaterial material) {
        try {
            Path files = Files.createDirectories(directory);
            Path key = Files.writeString(Files.createTempFile(files, id, ".pem"), Pem.text(material.key(), material.chain()));
            Path trust = Files.writeString(Files.createTempFile(files, id, ".trust.pem"), Pem.text(material.trust().authorities()));
            return new StoreLogin(id, key, trust, Layout::access);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
