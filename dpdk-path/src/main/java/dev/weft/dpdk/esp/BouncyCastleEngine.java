package dev.weft.dpdk.esp;

import dev.weft.api.path.SaKey;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.modes.GCMBlockCipher;
import org.bouncycastle.crypto.modes.GCMModeCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** Bouncy Castle, all Java: slow, and the same everywhere. */
final class BouncyCastleEngine implements GcmEngine {

    static final String LABEL = "bouncycastle";

    private final String version = new BouncyCastleProvider().getVersionStr();

    @Override
    public String label() {
        return LABEL;
    }

    @Override
    public String description() {
        return LABEL + " " + version;
    }

    @Override
    public GcmKey expand(SaKey key) {
        return new Key(key);
    }

    private static final class Key extends HeapKey {
        private final GCMModeCipher cipher = GCMBlockCipher.newInstance(AESEngine.newInstance());

        Key(SaKey key) {
            super(key);
        }

        @Override
        protected void seal(byte[] aad, byte[] plain, int length, byte[] sealed) {
            try {
                crypt(true, aad, plain, length, sealed);
            } catch (InvalidCipherTextException e) {
                throw new IllegalStateException("Bouncy Castle does not encrypt: " + e.getMessage(), e);
            }
        }

        /** Bouncy Castle compares by Arrays.constantTimeAreEqual. */
        @Override
        protected boolean open(byte[] aad, byte[] sealed, int length, byte[] plain) {
            try {
                crypt(false, aad, sealed, length, plain);
                return true;
            } catch (InvalidCipherTextException _) {
                return false;
            }
        }

        private void crypt(boolean encrypt, byte[] aad, byte[] from, int length, byte[] to) throws InvalidCipherTextException {
            cipher.init(encrypt, new AEADParameters(new KeyParameter(aes), ICV * Byte.SIZE, nonce, aad));
            int done = cipher.processBytes(from, 0, length, to, 0);
            cipher.doFinal(to, done);
        }

        @Override
        public void close() {
            super.close();
            // With the zeroes that the key is now, so that no expanded key stays.
            cipher.init(false, new AEADParameters(new KeyParameter(aes), ICV * Byte.SIZE, nonce));
        }
    }
}
