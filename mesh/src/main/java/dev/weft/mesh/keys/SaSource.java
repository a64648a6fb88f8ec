package dev.weft.mesh.keys;

import dev.weft.api.Cipher;
import dev.weft.api.path.SaKey;
import dev.weft.api.path.SaLimit;
import dev.weft.api.path.SecurityAssociation;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Draws the SAs that a node receives with; no two of one node have the same SPI at the same time. Not thread-safe. */
final class SaSource {

    /** RFC 4303, section 2.1: 0 is for local use, 1 to 255 are IANA's. */
    private static final int FIRST_SPI = 256;

    private final RandomGenerator random;
    private final Set<Integer> taken = new HashSet<>();

    /** @param random {@link java.security.SecureRandom} wherever keys are real */
    SaSource(RandomGenerator random) {
        this.random = random;
    }

    SecurityAssociation draw(Cipher cipher, SaLimit limit) {
        int spi;
        do {
            spi = random.nextInt();
        } while (Integer.compareUnsigned(spi, FIRST_SPI) < 0 || !taken.add(spi));
        byte[] keyAndSalt = new byte[cipher.keyBytes() + SaKey.SALT_BYTES];
        random.nextBytes(keyAndSalt);
        try {
            return new SecurityAssociation(spi, new SaKey(cipher, keyAndSalt), limit);
        } finally {
            Arrays.fill(keyAndSalt, (byte) 0);
        }
    }

    /** No data path has it any more: wipes the key, and its SPI may be drawn again. */
    void forget(SecurityAssociation association) {
        association.key().wipe();
        taken.remove(association.spi());
    }

    double fraction() {
        return random.nextDouble();
    }
}
