package dev.weft.mesh.pki;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.NodeRole;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RenewalRuleTest {

    private static final Instant MADE = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    @TempDir
    private Path directory;

    @Test
    void shouldRenewAtHalfTheLifeOrWhenCaOrRoleAreOthers() {
        TestAuthority authority = new TestAuthority(directory);
        KeyMaterial material = authority.material(TestAuthority.id(1), NodeRole.WORKER, MADE, Duration.ofDays(90));
        String signing = authority.authority().digest();
        Instant half = MADE.plus(Duration.ofDays(45));

        assertEquals(half, RenewalRule.halfLife(material.certificate()));
        assertFalse(RenewalRule.isDue(material, signing, NodeRole.WORKER, MADE));
        assertFalse(RenewalRule.isDue(material, signing, NodeRole.WORKER, half.minusSeconds(1)));
        assertTrue(RenewalRule.isDue(material, signing, NodeRole.WORKER, half));
        assertTrue(RenewalRule.isDue(material, "0".repeat(64), NodeRole.WORKER, MADE));
        assertTrue(RenewalRule.isDue(material, signing, NodeRole.MANAGER, MADE));
    }
}
