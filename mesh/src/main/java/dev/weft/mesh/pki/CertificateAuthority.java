package dev.weft.mesh.pki;

import dev.weft.api.NodeRole;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * A cluster's CA, with its key: it signs node certificates. EC P-256 throughout; the CA signs nodes directly, so a chain has
 * one certificate and its root. What it issues is valid from an hour before, so that a node whose clock is behind accepts it.
 */
public record CertificateAuthority(X509Certificate certificate, PrivateKey key) {

    /** Of a node's certificate. It is renewed at half of it. */
    public static final Duration NODE_VALIDITY = Duration.ofDays(90);
    /** A clock may be behind by so much. */
    public static final Duration CLOCK_SKEW = Duration.ofHours(1);

    private static final Duration OWN_VALIDITY = Duration.ofDays(20 * 365);
    private static final String CURVE = "secp256r1";
    private static final String SIGNATURE = "SHA256withECDSA";
    private static final int SERIAL_BITS = 127;
    private static final int NAME_BYTES = 4;

    /** A new one. Its name differs from that of any other of the same cluster, so that an issuer's name says which it was. */
    public static CertificateAuthority found(String clusterId, Instant now, SecureRandom random) {
        KeyPair keys = drawKeys(random);
        byte[] name = new byte[NAME_BYTES];
        random.nextBytes(name);
        X500Name self = new X500Name("CN=Weft CA " + HexFormat.of().formatHex(name) + ",O=" + clusterId);
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(self, serial(random), Date.from(now.minus(CLOCK_SKEW)),
                Date.from(now.plus(OWN_VALIDITY)), self, keys.getPublic());
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
            builder.addExtension(Extension.subjectKeyIdentifier, false, new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()));
            return new CertificateAuthority(sign(builder, keys.getPrivate()), keys.getPrivate());
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError("every JDK has P-256", e);
        }
    }

    /** An EC P-256 key pair. */
    public static KeyPair drawKeys(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(CURVE), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has P-256", e);
        }
    }

    /** Asks for a certificate (PKCS #10, DER): proves that the asker holds the key. The subject is the CA's to decide and left empty. */
    public static byte[] request(KeyPair keys) {
        try {
            return new JcaPKCS10CertificationRequestBuilder(new X500Name(new org.bouncycastle.asn1.x500.RDN[0]), keys.getPublic())
                    .build(new JcaContentSignerBuilder(SIGNATURE).build(keys.getPrivate())).getEncoded();
        } catch (OperatorCreationException | IOException e) {
            throw new AssertionError("every JDK has ECDSA", e);
        }
    }

    /**
     * The public key that a request proves to hold.
     *
     * @throws CertificateException if it is malformed, of another kind than EC P-256, or its signature is wrong
     */
    public static PublicKey requestedKey(byte[] request) throws CertificateException {
        try {
            JcaPKCS10CertificationRequest parsed = new JcaPKCS10CertificationRequest(new PKCS10CertificationRequest(request));
            PublicKey key = parsed.getPublicKey();
            if (!(key instanceof ECPublicKey ec) || ec.getParams().getCurve().getField().getFieldSize() != 256) {
                throw new CertificateException("a certificate was asked for a key that is not EC P-256");
            }
            if (!parsed.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
                throw new CertificateException("a certificate was asked for a key that the asker does not hold");
            }
            return key;
        } catch (CertificateException e) {
            throw e;
        } catch (IOException | GeneralSecurityException | PKCSException | OperatorCreationException | RuntimeException e) {
            // Bouncy Castle answers some malformed input with one unchecked exception or another
            throw new CertificateException("not a certificate request: " + e.getMessage(), e);
        }
    }

    /** A node's certificate. Only a manager's may be a TLS server's: no worker can play the store. */
    public X509Certificate issue(PublicKey nodeKey, CertificateSubject subject, Instant now, Duration validity, SecureRandom random) {
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(certificate, serial(random), Date.from(now.minus(CLOCK_SKEW)),
                Date.from(now.plus(validity)), new javax.security.auth.x500.X500Principal(subject.distinguishedName()), nodeKey);
        KeyPurposeId[] purposes = subject.role() == NodeRole.MANAGER
                ? new KeyPurposeId[] {KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth}
                : new KeyPurposeId[] {KeyPurposeId.id_kp_clientAuth};
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
            builder.addExtension(Extension.authorityKeyIdentifier, false, new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(certificate));
            return sign(builder, key);
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError("every JDK has P-256", e);
        }
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key) throws CertificateException {
        try {
            return new JcaX509CertificateConverter().getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(key)));
        } catch (OperatorCreationException e) {
            throw new AssertionError("every JDK has ECDSA", e);
        }
    }

    private static BigInteger serial(SecureRandom random) {
        return new BigInteger(SERIAL_BITS, random).setBit(SERIAL_BITS - 1);
    }

    /** What join tokens pin. */
    public String digest() {
        return digest(certificate);
    }

    /** SHA-256 of the certificate's DER, 64 hexadecimal digits. */
    public static String digest(X509Certificate certificate) {
        try {
            return sha256(certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK writes what it has read", e);
        }
    }

    /** SHA-256 of the key's SubjectPublicKeyInfo, 64 hexadecimal digits. */
    public static String digest(PublicKey key) {
        return sha256(key.getEncoded());
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    /** Never shows the key. */
    @Override
    public String toString() {
        return "CertificateAuthority[" + certificate.getSubjectX500Principal().getName() + "]";
    }
}
