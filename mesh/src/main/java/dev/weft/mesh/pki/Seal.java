package dev.weft.mesh.pki;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The key that only managers hold: it seals what the store keeps for them, the CA's key and the role secrets. AES-256-GCM with a
 * random 96-bit IV (NIST SP 800-38D, section 8.2.2; far fewer than 2^32 are ever drawn).
 *
 * @param key 64 hexadecimal digits
 */
public record Seal(String key) {

    private static final int KEY_BYTES = 32;
    private static final int IV_BYTES = 12;
    private static final int TAG_BITS = 128;

    public static Seal draw(SecureRandom random) {
        byte[] key = new byte[KEY_BYTES];
        random.nextBytes(key);
        return new Seal(HexFormat.of().formatHex(key));
    }

    /** @param label what it is, for {@link #open}: nobody can put one sealed thing in the place of another */
    public byte[] seal(byte[] plain, String label, SecureRandom random) {
        byte[] iv = new byte[IV_BYTES];
        random.nextBytes(iv);
        try {
            byte[] sealed = Arrays.copyOf(iv, IV_BYTES + plain.length + TAG_BITS / 8);
            cipher(Cipher.ENCRYPT_MODE, iv, label).doFinal(plain, 0, plain.length, sealed, IV_BYTES);
            return sealed;
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has AES-GCM", e);
        }
    }

    /** @throws GeneralSecurityException if it was sealed by another key, for another label, or has been changed */
    public byte[] open(byte[] sealed, String label) throws GeneralSecurityException {
        if (sealed.length < IV_BYTES + TAG_BITS / 8) {
            throw new GeneralSecurityException("too short to be sealed");
        }
        return cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(sealed, IV_BYTES), label).doFinal(sealed, IV_BYTES, sealed.length - IV_BYTES);
    }

    private Cipher cipher(int mode, byte[] iv, String label) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(HexFormat.of().parseHex(key), "AES"), new GCMParameterSpec(TAG_BITS, iv));
        cipher.updateAAD(label.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    /** Never shows the key. */
    @Override
    public String toString() {
        return "Seal[]";
    }
}
