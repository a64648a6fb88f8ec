package dev.weft.mesh.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

class JoinTokenTest {

    private static final String CLUSTER = "0123456789abcdef0123456789abcdef";
    private static final String SECRET = CLUSTER + CLUSTER;
    private static final String TEXT = "WEFT1-" + CLUSTER + "-worker-" + SECRET;

    @Test
    void shouldReadAndWriteTheSameText() {
        JoinToken token = JoinToken.parse(" " + TEXT + "\n");
        assertEquals(new JoinToken(CLUSTER, NodeRole.WORKER, SECRET), token);
        assertEquals(TEXT, token.text());
        assertEquals(NodeRole.MANAGER, JoinToken.parse(TEXT.replace("worker", "manager")).role());
    }

    @Test
    void shouldRefuseEveryTruncationAndOtherForms() {
        for (int length = 0; length < TEXT.length(); length++) {
            String cut = TEXT.substring(0, length);
            assertThrows(WeftException.TokenRefused.class, () -> JoinToken.parse(cut), cut);
        }
        for (String other : new String[] {TEXT + "0", TEXT.replace("WEFT1", "WEFT2"), TEXT.replace("worker", "king"), TEXT.replace('a', 'A')}) {
            assertThrows(WeftException.TokenRefused.class, () -> JoinToken.parse(other), other);
        }
    }

    @Test
    void shouldNeverShowSecrets() {
        assertFalse(JoinToken.parse(TEXT).toString().contains(SECRET));
        assertFalse(RoleSecrets.of(NodeRole.WORKER, SECRET).toString().contains(SECRET));
        String message = assertThrows(WeftException.TokenRefused.class, () -> JoinToken.parse(TEXT + "0")).getMessage();
        assertFalse(message.contains(SECRET), message);
    }

    @Test
    void shouldDeriveTheWorkersSecretFromTheManagersAndNotBack() {
        RoleSecrets manager = RoleSecrets.of(NodeRole.MANAGER, SECRET);
        // printf 'weft worker secret' | openssl dgst -sha256 -mac HMAC -macopt hexkey:<SECRET>
        assertEquals("4bf7c8eec7bb46cb5cf0977046cbd24765f2ac3393acde889467236e6c38def3", manager.of(NodeRole.WORKER));
        assertEquals(SECRET, manager.of(NodeRole.MANAGER));
        RoleSecrets worker = RoleSecrets.of(NodeRole.WORKER, manager.worker());
        assertEquals(manager.worker(), worker.of(NodeRole.WORKER));
        assertThrows(WeftException.InvalidSpec.class, () -> worker.of(NodeRole.MANAGER));
        assertNotEquals(RoleSecrets.draw(new SecureRandom()), RoleSecrets.draw(new SecureRandom()));
    }

    @Test
    void shouldKnowItsCluster() {
        assertTrue(JoinToken.parse(TEXT).isOfCluster(CLUSTER));
        assertFalse(JoinToken.parse(TEXT).isOfCluster(CLUSTER.replace('0', '1')));
    }
}
