package dev.weft.mesh.identity;

import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a node needs to join: {@code WEFT1-CLUSTER-ROLE-SECRET}.
 *
 * @param clusterId 32 hexadecimal digits
 * @param secret    of the role, 64 hexadecimal digits
 */
public record JoinToken(String clusterId, NodeRole role, String secret) {

    private static final Pattern FORM = Pattern.compile("WEFT1-([0-9a-f]{32})-(manager|worker)-([0-9a-f]{64})");

    /** @throws WeftException.TokenRefused if the text is no token */
    public static JoinToken parse(String text) {
        Matcher matcher = FORM.matcher(text.strip());
        if (!matcher.matches()) {
            throw new WeftException.TokenRefused("the join token is not of the form WEFT1-CLUSTER-ROLE-SECRET; "
                    + "copy it whole from a manager (weft token worker)");
        }
        return new JoinToken(matcher.group(1), NodeRole.valueOf(matcher.group(2).toUpperCase(Locale.ROOT)), matcher.group(3));
    }

    /** The token as it is handed over. */
    public String text() {
        return "WEFT1-" + clusterId + "-" + role.name().toLowerCase(Locale.ROOT) + "-" + secret;
    }

    /** Takes the same time whatever the difference is. */
    public boolean isOfCluster(String id) {
        return MessageDigest.isEqual(clusterId.getBytes(StandardCharsets.UTF_8), id.getBytes(StandardCharsets.UTF_8));
    }

    /** Never shows the secret. */
    @Override
    public String toString() {
        return "JoinToken[" + clusterId + ", " + role + "]";
    }
}
