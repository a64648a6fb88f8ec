package dev.weft.mesh.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import org.junit.jupiter.api.Test;

class JoinTokenTest {

    private static final String AUTHORITY = "0123456789abcdef".repeat(4);
    private static final String SECRET = "fedcba9876543210".repeat(4);
    private static final String TEXT = "WEFT2-" + AUTHORITY + "-worker-" + SECRET;

    @Test
    void shouldReadAndWriteTheSameText() {
        JoinToken token = JoinToken.parse(" " + TEXT + "\n");
        assertEquals(new JoinToken(AUTHORITY, NodeRole.WORKER, SECRET), token);
        assertEquals(TEXT, token.text());
        assertEquals(NodeRole.MANAGER, JoinToken.parse(TEXT.replace("worker", "manager")).role());
    }

    @Test
    void shouldRefuseEveryTruncationAndOtherForms() {
        for (int length = 0; length < TEXT.length(); length++) {
            String cut = TEXT.substring(0, length);
            assertThrows(WeftException.TokenRefused.class, () -> JoinToken.parse(cut), cut);
        }
        for (String other : new String[] {null, TEXT + "0", TEXT.replace("WEFT2", "WEFT1"), TEXT.replace("worker", "king"), TEXT.replace('a', 'A')}) {
            assertThrows(WeftException.TokenRefused.class, () -> JoinToken.parse(other), other);
        }
    }

    @Test
    void shouldNeverShowSecrets() {
        assertFalse(JoinToken.parse(TEXT).toString().contains(SECRET));
        String message = assertThrows(WeftException.TokenRefused.class, () -> JoinToken.parse(TEXT + "0")).getMessage();
        assertFalse(message.contains(SECRET), message);
    }
}
