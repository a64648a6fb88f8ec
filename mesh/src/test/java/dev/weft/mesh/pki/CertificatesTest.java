package dev.weft.mesh.pki;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.NodeRole;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the CA issues, checked by openssl and by our own trust. */
class CertificatesTest {

    private static final String CLUSTER = "0123456789abcdef0123456789abcdef";
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    @TempDir
    private Path directory;
    private final CertificateAuthority authority = CertificateAuthority.found(CLUSTER, NOW, RANDOM);
    private final TrustBundle trust = new TrustBundle(List.of(authority.certificate()));
    private final KeyPair keys = CertificateAuthority.drawKeys(RANDOM);

    private static CertificateSubject subject(NodeRole role) {
        return new CertificateSubject(CLUSTER, "0011223344556677", role);
    }

    private X509Certificate issued(NodeRole role) {
        return authority.issue(keys.getPublic(), subject(role), NOW, CertificateAuthority.NODE_VALIDITY, RANDOM);
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    private static String openssl(String... arguments) throws IOException, InterruptedException {
        List<String> command = new java.util.ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() + " " + output;
    }

    @Test
    void shouldIssueWhatOpensslAccepts() throws Exception {
        Path ca = file("ca.pem", Pem.text(List.of(authority.certificate())));
        Path worker = file("worker.pem", Pem.text(List.of(issued(NodeRole.WORKER))));
        Path manager = file("manager.pem", Pem.text(List.of(issued(NodeRole.MANAGER))));

        assertTrue(openssl("verify", "-x509_strict", "-CAfile", ca.toString(), "-purpose", "sslclient", worker.toString()).startsWith("0 "));
        assertTrue(openssl("verify", "-x509_strict", "-CAfile", ca.toString(), "-purpose", "sslserver", manager.toString()).startsWith("0 "));
        String asServer = openssl("verify", "-CAfile", ca.toString(), "-purpose", "sslserver", worker.toString());
        assertTrue(asServer.startsWith("2 "), "a worker is nobody's server: " + asServer);
        String text = openssl("x509", "-in", worker.toString(), "-noout", "-subject", "-ext", "basicConstraints,keyUsage", "-nameopt", "RFC2253");
        assertTrue(text.contains("subject=CN=0011223344556677,OU=worker,O=" + CLUSTER), text);
        assertTrue(text.contains("CA:FALSE") && text.contains("Digital Signature"), text);
    }

    @Test
    void shouldAskForCertificatesAsOpensslDoes() throws Exception {
        Path ours = directory.resolve("ours.csr");
        Files.write(ours, CertificateAuthority.request(keys));
        assertTrue(openssl("req", "-inform", "DER", "-in", ours.toString(), "-noout", "-verify").startsWith("0 "));

        Path theirs = directory.resolve("theirs.csr");
        assertTrue(openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x", "-keyout",
                directory.resolve("k").toString(), "-outform", "DER", "-out", theirs.toString()).startsWith("0 "));
        assertEquals("EC", CertificateAuthority.requestedKey(Files.readAllBytes(theirs)).getAlgorithm());
        assertEquals(keys.getPublic(), CertificateAuthority.requestedKey(Files.readAllBytes(ours)));
    }

    @Test
    void shouldRefuseRequestsThatAreTruncatedChangedOrForAnotherKindOfKey() throws Exception {
        byte[] request = CertificateAuthority.request(keys);
        for (int length = 0; length < request.length; length++) {
            byte[] truncated = java.util.Arrays.copyOf(request, length);
            assertThrows(CertificateException.class, () -> CertificateAuthority.requestedKey(truncated), "length " + length);
        }
        for (int i = 0; i < request.length; i++) {
            byte[] changed = request.clone();
            changed[i] ^= 1;
            assertNeverAnotherKey(changed, "byte " + i);
        }
        Path rsa = directory.resolve("rsa.csr");
        assertTrue(openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-keyout", directory.resolve("k").toString(),
                "-outform", "DER", "-out", rsa.toString()).startsWith("0 "));
        byte[] forRsa = Files.readAllBytes(rsa);
        assertThrows(CertificateException.class, () -> CertificateAuthority.requestedKey(forRsa));
    }

    /** One bit of what is not signed, a tag that says nothing, may differ. */
    private void assertNeverAnotherKey(byte[] request, String what) {
        try {
            assertEquals(keys.getPublic(), CertificateAuthority.requestedKey(request), what);
        } catch (CertificateException e) {
            assertFalse(e.getMessage().isBlank());
        }
    }

    @Test
    void shouldSayWhoThePeerIs() throws Exception {
        for (NodeRole role : NodeRole.values()) {
            assertEquals(subject(role), trust.check(new X509Certificate[] {issued(role)}, NOW));
        }
    }

    @Test
    void shouldTolerateClocksThatAreBehind() throws Exception {
        X509Certificate certificate = issued(NodeRole.WORKER);
        Instant behind = NOW.minus(CertificateAuthority.CLOCK_SKEW);
        assertEquals(subject(NodeRole.WORKER), trust.check(new X509Certificate[] {certificate}, behind));
        assertEquals(Refusal.NOT_YET_VALID, refusal(certificate, behind.minusSeconds(1)));
    }

    @Test
    void shouldRefuseByTheReason() {
        X509Certificate certificate = issued(NodeRole.WORKER);
        assertEquals(Refusal.EXPIRED, refusal(certificate, NOW.plus(CertificateAuthority.NODE_VALIDITY).plusSeconds(1)));
        CertificateAuthority other = CertificateAuthority.found(CLUSTER, NOW, RANDOM);
        assertEquals(Refusal.UNKNOWN_AUTHORITY,
                refusal(other.issue(keys.getPublic(), subject(NodeRole.MANAGER), NOW, Duration.ofDays(1), RANDOM), NOW));
        assertEquals(Refusal.UNKNOWN_AUTHORITY, refusal(authority.certificate(), NOW));
        assertEquals(Refusal.NO_CERTIFICATE, assertThrows(CertificateRefused.class, () -> trust.check(new X509Certificate[0], NOW)).reason());
    }

    /** A CA with the name of ours: the signature decides. */
    @Test
    void shouldRefuseAnotherAuthorityOfTheSameName() {
        CertificateAuthority forged = new CertificateAuthority(authority.certificate(), CertificateAuthority.drawKeys(RANDOM).getPrivate());
        assertEquals(Refusal.UNKNOWN_AUTHORITY,
                refusal(forged.issue(keys.getPublic(), subject(NodeRole.MANAGER), NOW, Duration.ofDays(1), RANDOM), NOW));
    }

    private Refusal refusal(X509Certificate certificate, Instant at) {
        return assertThrows(CertificateRefused.class, () -> trust.check(new X509Certificate[] {certificate}, at)).reason();
    }

    @Test
    void shouldTrustBothAuthoritiesOfARotation() throws Exception {
        CertificateAuthority next = CertificateAuthority.found(CLUSTER, NOW, RANDOM);
        TrustBundle both = new TrustBundle(List.of(authority.certificate(), next.certificate()));
        for (CertificateAuthority each : List.of(authority, next)) {
            X509Certificate certificate = each.issue(keys.getPublic(), subject(NodeRole.WORKER), NOW, Duration.ofDays(1), RANDOM);
            assertEquals(subject(NodeRole.WORKER), both.check(new X509Certificate[] {certificate}, NOW));
            assertTrue(both.trusts(each.digest()));
        }
        assertFalse(trust.trusts(next.digest()));
    }

    @Test
    void shouldReadBackWhatItWroteAsPem() throws Exception {
        X509Certificate certificate = issued(NodeRole.WORKER);
        String text = Pem.text(keys.getPrivate(), List.of(certificate, authority.certificate()));
        assertEquals(List.of(certificate, authority.certificate()), Pem.certificates(text));
        assertArrayEquals(keys.getPrivate().getEncoded(), Pem.privateKey(text).getEncoded());
        Path pem = file("node.pem", text);
        assertTrue(openssl("pkey", "-in", pem.toString(), "-noout", "-check").startsWith("0 "));
        assertThrows(CertificateException.class, () -> Pem.certificates(""));
        assertThrows(CertificateException.class, () -> Pem.privateKey(Pem.text(List.of(certificate))));
        assertThrows(CertificateException.class, () -> Pem.certificates("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
    }

    @Test
    void shouldDigestTheCertificateAsOpensslDoes() throws Exception {
        Path ca = file("ca.pem", Pem.text(List.of(authority.certificate())));
        String fingerprint = openssl("x509", "-in", ca.toString(), "-noout", "-fingerprint", "-sha256");
        assertTrue(fingerprint.replace(":", "").toLowerCase(java.util.Locale.ROOT).contains(authority.digest()), fingerprint);
    }

    @Test
    void shouldNotShowKeys() {
        assertFalse(authority.toString().contains("PrivateKey"), authority.toString());
        assertFalse(new KeyMaterial(keys.getPrivate(), issued(NodeRole.WORKER), authority.certificate(), trust).toString().contains("PrivateKey"));
    }
}
