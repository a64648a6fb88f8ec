package dev.weft.mesh.pki;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class SealTest {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final byte[] SECRET = {1, 2, 3};

    private final Seal seal = Seal.draw(RANDOM);

    @Test
    void shouldOpenWhatItSealed() throws GeneralSecurityException {
        byte[] sealed = seal.seal(SECRET, "secrets", RANDOM);
        assertArrayEquals(SECRET, new Seal(seal.key()).open(sealed, "secrets"));
        assertFalse(Arrays.equals(sealed, seal.seal(SECRET, "secrets", RANDOM)), "never the same twice");
    }

    /** McGrew and Viega, The Galois/Counter Mode of Operation, appendix B: test case 14, whose IV is zero and which has no AAD. */
    @Test
    void shouldBeAesGcmWithTheIvInFront() throws GeneralSecurityException {
        byte[] published = HexFormat.of().parseHex("cea7403d4d606b6e074ec5d3baf39d18" + "d0d1c8a799996bf0265b98b5d48ab919");
        byte[] sealed = new byte[12 + published.length];
        System.arraycopy(published, 0, sealed, 12, published.length);
        assertArrayEquals(new byte[16], new Seal("00".repeat(32)).open(sealed, ""));
    }

    @Test
    void shouldRefuseAnotherKeyAnotherLabelAndEveryChange() {
        byte[] sealed = seal.seal(SECRET, "secrets", RANDOM);
        assertThrows(GeneralSecurityException.class, () -> Seal.draw(RANDOM).open(sealed, "secrets"));
        assertThrows(GeneralSecurityException.class, () -> seal.open(sealed, "ca"));
        for (int i = 0; i < sealed.length; i++) {
            byte[] changed = sealed.clone();
            changed[i] ^= 1;
            assertThrows(GeneralSecurityException.class, () -> seal.open(changed, "secrets"), "byte " + i);
            byte[] truncated = Arrays.copyOf(sealed, i);
            assertThrows(GeneralSecurityException.class, () -> seal.open(truncated, "secrets"), "length " + i);
        }
    }

    @Test
    void shouldNotShowItsKey() {
        assertFalse(seal.toString().contains(seal.key()));
    }
}
