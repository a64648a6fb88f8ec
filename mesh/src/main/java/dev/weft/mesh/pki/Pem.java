package dev.weft.mesh.pki;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.util.io.pem.PemGenerationException;

/** Keys and certificates as text: RFC 7468, private keys as PKCS #8. */
public final class Pem {

    private Pem() {
    }

    public static String text(List<X509Certificate> certificates) {
        return write(certificates.toArray());
    }

    /** The key first, then its certificates. */
    public static String text(PrivateKey key, List<X509Certificate> certificates) {
        try {
            return write(new JcaPKCS8Generator(key, null)) + text(certificates);
        } catch (PemGenerationException e) {
            throw new AssertionError("an EC key can be written", e);
        }
    }

    private static String write(Object... objects) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            for (Object object : objects) {
                writer.writeObject(object);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("keys and certificates can be written to memory", e);
        }
        return text.toString();
    }

    /** @throws CertificateException if there is none, or something else */
    public static List<X509Certificate> certificates(String text) throws CertificateException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Object object : objects(text)) {
            if (object instanceof X509CertificateHolder holder) {
                certificates.add(new JcaX509CertificateConverter().getCertificate(holder));
            }
        }
        if (certificates.isEmpty()) {
            throw new CertificateException("no certificate in the PEM text");
        }
        return certificates;
    }

    /** @throws CertificateException if there is none */
    public static PrivateKey privateKey(String text) throws CertificateException {
        for (Object object : objects(text)) {
            if (object instanceof PrivateKeyInfo info) {
                try {
                    return new JcaPEMKeyConverter().getPrivateKey(info);
                } catch (IOException e) {
                    throw new CertificateException("the private key in the PEM text cannot be read: " + e.getMessage(), e);
                }
            }
        }
        throw new CertificateException("no private key in the PEM text");
    }

    private static List<Object> objects(String text) throws CertificateException {
        List<Object> objects = new ArrayList<>();
        try (PEMParser parser = new PEMParser(new StringReader(text))) {
            for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
                objects.add(object);
            }
            return objects;
        } catch (IOException | IllegalArgumentException e) {
            throw new CertificateException("not PEM: " + e.getMessage(), e);
        }
    }
}
