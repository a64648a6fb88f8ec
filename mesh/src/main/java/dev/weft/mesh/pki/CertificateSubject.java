package dev.weft.mesh.pki;

import dev.weft.api.NodeRole;
import java.security.cert.X509Certificate;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;

/**
 * Who a node certificate is for: {@code CN=node id, OU=role, O=cluster id}.
 *
 * @param clusterId 32 hexadecimal digits
 * @param nodeId    16 hexadecimal digits
 */
public record CertificateSubject(String clusterId, String nodeId, NodeRole role) {

    private static final Pattern FORM = Pattern.compile("CN=([0-9a-f]{16}),OU=(manager|worker),O=([0-9a-f]{32})");

    /** Nothing when the certificate is not a node's: a CA's, say. */
    public static Optional<CertificateSubject> of(X509Certificate certificate) {
        Matcher matcher = FORM.matcher(certificate.getSubjectX500Principal().getName(X500Principal.RFC2253));
        if (!matcher.matches()) {
            return Optional.empty();
        }
        return Optional.of(new CertificateSubject(matcher.group(3), matcher.group(1), NodeRole.valueOf(matcher.group(2).toUpperCase(Locale.ROOT))));
    }

    /** As RFC 2253 writes it. */
    String distinguishedName() {
        return "CN=" + nodeId + ",OU=" + role.name().toLowerCase(Locale.ROOT) + ",O=" + clusterId;
    }
}
