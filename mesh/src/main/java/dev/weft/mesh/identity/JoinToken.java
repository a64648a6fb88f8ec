package dev.weft.mesh.identity;

import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a node needs to join: {@code WEFT2-CA-ROLE-SECRET}. It says whom to trust, so that the secret is shown to nobody else.
 *
 * @param authority SHA-256 of the cluster's CA certificate, 64 hexadecimal digits
 * @param secret    of the role, 64 hexadecimal digits
 */
public record JoinToken(String authority, NodeRole role, String secret) {

    private static final Pattern FORM = Pattern.compile("WEFT2-([0-9a-f]{64})-(manager|worker)-([0-9a-f]{64})");

    /** @throws WeftException.TokenRefused if the text is no token, or null */
    public static JoinToken parse(String text) {
        Matcher matcher = FORM.matcher(text == null ? "" : text.strip());
        if (!matcher.matches()) {
            throw new WeftException.TokenRefused("the join token is not of the form WEFT2-CA-ROLE-SECRET; "
                    + "copy it whole from a manager (weft token worker)");
        }
        return new JoinToken(matcher.group(1), NodeRole.valueOf(matcher.group(2).toUpperCase(Locale.ROOT)), matcher.group(3));
    }

    /** The token as it is handed over. */
    public String text() {
        return "WEFT2-" + authority + "-" + role.name().toLowerCase(Locale.ROOT) + "-" + secret;
    }

    /** Never shows the secret. */
    @Override
    public String toString() {
        return "JoinToken[" + authority + ", " + role + "]";
    }
}
