package dev.weft.dpdk.esp;

import dev.weft.api.path.SaKey;
import dev.weft.api.wire.BigEndian;
import dev.weft.ffm.openssl.GcmContext;
import dev.weft.ffm.openssl.OpenSsl;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** OpenSSL's EVP: a context for each key that keeps the expanded key, and five calls for a packet. */
final class OpenSslEngine implements GcmEngine {

    static final String LABEL = "openssl";

    private final OpenSsl library = OpenSsl.load();

    @Override
    public String label() {
        return LABEL;
    }

    @Override
    public String description() {
        return LABEL + " " + library.version();
    }

    @Override
    public GcmKey expand(SaKey key) {
        return new Key(library, key);
    }

    private static final class Key implements GcmKey {
        private static final int NONCE = SaKey.SALT_BYTES + Long.BYTES;

        private final MemorySegment nonce = Arena.ofAuto().allocate(NONCE);
        private final long nonceAddress = nonce.address();
        private final GcmContext sealing;
        private final GcmContext opening;

        Key(OpenSsl library, SaKey key) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment raw = arena.allocate(key.length());
                key.copyTo(raw);
                MemorySegment aes = raw.asSlice(0, key.cipher().keyBytes());
                sealing = library.context(aes, true);
                opening = library.context(aes, false);
                MemorySegment.copy(raw, key.cipher().keyBytes(), nonce, 0, SaKey.SALT_BYTES);
                raw.fill((byte) 0);
            }
        }

        @Override
        public void seal(MemorySegment memory, long aad, int aadLength, long text, int length, long iv) {
            BigEndian.putLong(nonce, SaKey.SALT_BYTES, iv);
            long base = memory.address();
            if (!sealing.seal(base + text, length, nonceAddress, base + aad, aadLength, base + text + length)) {
                throw new IllegalStateException("OpenSSL does not encrypt");
            }
        }

        @Override
        public boolean open(MemorySegment memory, long aad, int aadLength, long text, int length, long iv) {
            BigEndian.putLong(nonce, SaKey.SALT_BYTES, iv);
            long base = memory.address();
            return opening.open(base + text, length, nonceAddress, base + aad, aadLength, base + text + length);
        }

        @Override
        public void close() {
            sealing.close();
            opening.close();
            nonce.fill((byte) 0);
        }
    }
}
