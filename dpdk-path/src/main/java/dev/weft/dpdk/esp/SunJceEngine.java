package dev.weft.dpdk.esp;

import dev.weft.api.path.SaKey;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/** The JDK's own AES-GCM, on any operating system. */
final class SunJceEngine implements GcmEngine {

    static final String LABEL = "sunjce";

    private static final String PROVIDER = "SunJCE";

    SunJceEngine() {
        newCipher();
    }

    private static Cipher newCipher() {
        try {
            return Cipher.getInstance("AES/GCM/NoPadding", PROVIDER);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no " + PROVIDER + " with AES/GCM: " + e.getMessage(), e);
        }
    }

    @Override
    public String label() {
        return LABEL;
    }

    @Override
    public String description() {
        return LABEL + " " + Runtime.version();
    }

    @Override
    public GcmKey expand(SaKey key) {
        return new Key(key);
    }

    /** SecretKeySpec cannot be wiped; this one is the array that {@link HeapKey} wipes. */
    @SuppressWarnings("serial")
    private record WipeableKey(byte[] aes) implements SecretKey {
        @Override
        public String getAlgorithm() {
            return "AES";
        }

        @Override
        public String getFormat() {
            return "RAW";
        }

        @Override
        public byte[] getEncoded() {
            return aes.clone();
        }

        @Override
        public String toString() {
            return "WipeableKey";
        }
    }

    private static final class Key extends HeapKey {
        private final Cipher cipher = newCipher();
        private final WipeableKey secret;

        Key(SaKey key) {
            super(key);
            secret = new WipeableKey(aes);
        }

        @Override
        protected void seal(byte[] aad, byte[] plain, int length, byte[] sealed) {
            try {
                crypt(Cipher.ENCRYPT_MODE, aad, plain, length, sealed);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("SunJCE does not encrypt: " + e.getMessage(), e);
            }
        }

        /** SunJCE compares by MessageDigest.isEqual, which takes the same time wherever the difference is. */
        @Override
        protected boolean open(byte[] aad, byte[] sealed, int length, byte[] plain) {
            try {
                crypt(Cipher.DECRYPT_MODE, aad, sealed, length, plain);
                return true;
            } catch (AEADBadTagException _) {
                return false;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("SunJCE does not decrypt: " + e.getMessage(), e);
            }
        }

        private void crypt(int mode, byte[] aad, byte[] from, int length, byte[] to) throws GeneralSecurityException {
            cipher.init(mode, secret, new GCMParameterSpec(ICV * Byte.SIZE, nonce));
            cipher.updateAAD(aad);
            cipher.doFinal(from, 0, length, to, 0);
        }
    }
}
