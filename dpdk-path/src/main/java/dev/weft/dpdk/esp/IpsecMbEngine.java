package dev.weft.dpdk.esp;

import dev.weft.api.Cipher;
import dev.weft.api.path.SaKey;
import dev.weft.api.wire.BigEndian;
import dev.weft.ffm.ipsecmb.GcmFunctions;
import dev.weft.ffm.ipsecmb.IpsecMb;
import dev.weft.ffm.libc.CoreFile;
import dev.weft.ffm.libc.NativeMemory;
import java.lang.foreign.MemorySegment;

/** Intel's ipsec-mb: one call for a packet. */
final class IpsecMbEngine implements GcmEngine {

    static final String LABEL = "ipsec-mb";

    private final IpsecMb library = IpsecMb.load();
    private final GcmFunctions gcm128 = library.gcm(128);
    private final GcmFunctions gcm256 = library.gcm(256);

    @Override
    public String label() {
        return LABEL;
    }

    @Override
    public String description() {
        return LABEL + " " + library.version() + " (" + library.instructions() + ")";
    }

    @Override
    public GcmKey expand(SaKey key) {
        return new Key(key.cipher() == Cipher.AES_128_GCM ? gcm128 : gcm256, key);
    }

    /** Pages that no core file shows: the expanded key, the library's context, the nonce, the ICV as computed. */
    private static final class Key implements GcmKey {
        /** Not where a page begins: with a key that stood there the library took 2 ns longer for 1,418 bytes, wherever the packets were. */
        private static final int KEY = 1024;
        /** Half a page from where the key begins: a read of the key would wait for a write at the same place of another page (4 KiB aliasing). */
        private static final int CONTEXT = KEY + GcmFunctions.KEY_DATA + 2048;
        private static final int NONCE = CONTEXT + GcmFunctions.CONTEXT;
        /** Between the nonces of even and of odd IVs. */
        private static final int NEXT_NONCE = GcmFunctions.ALIGNMENT / 2;
        private static final int COMPUTED = NONCE + GcmFunctions.ALIGNMENT;
        private static final int SIZE = COMPUTED + GcmFunctions.ALIGNMENT;

        private final GcmFunctions gcm;
        private final MemorySegment state = CoreFile.allocateOutside(SIZE);
        private final long address = state.address();
        /** Read and written by way of all native memory: what a segment that is no constant is asked at each access took as long as the IV. */
        private final long begin = NativeMemory.begin(state);
        /** The IV that stands in its nonce already: most are one more than the one before. */
        private long expected;
        private boolean closed;

        Key(GcmFunctions gcm, SaKey key) {
            this.gcm = gcm;
            // The raw key stands where the context will: overwritten, and wiped with all the rest.
            MemorySegment raw = state.asSlice(CONTEXT, key.length());
            key.copyTo(raw);
            gcm.expand(raw.address(), address + KEY);
            MemorySegment.copy(raw, key.cipher().keyBytes(), state, NONCE, SaKey.SALT_BYTES);
            MemorySegment.copy(raw, key.cipher().keyBytes(), state, NONCE + NEXT_NONCE, SaKey.SALT_BYTES);
            raw.fill((byte) 0);
        }

        @Override
        public void seal(MemorySegment memory, long aad, int aadLength, long text, int length, long iv) {
            long nonce = nonce(iv);
            long base = memory.address();
            gcm.encrypt(address + KEY, address + CONTEXT, base + text, length, nonce, base + aad, aadLength, base + text + length);
        }

        @Override
        public boolean open(MemorySegment memory, long aad, int aadLength, long text, int length, long iv) {
            long nonce = nonce(iv);
            long base = memory.address();
            gcm.decrypt(address + KEY, address + CONTEXT, base + text, length, nonce, base + aad, aadLength, address + COMPUTED);
            // All of both halves before the one branch: how much of it is right takes no time.
            long computed = NativeMemory.address(begin) + COMPUTED;
            long icv = NativeMemory.address(text + length);
            long wrong = BigEndian.getLong(NativeMemory.around(state), computed) ^ BigEndian.getLong(memory, icv)
                    | BigEndian.getLong(NativeMemory.around(state), computed + Long.BYTES) ^ BigEndian.getLong(memory, icv + Long.BYTES);
            return wrong == 0;
        }

        /**
         * The address of the nonce of that IV. The next one is written a packet ahead: the library reads more of it at a time than was written at a
         * time, so it would wait until what was written just now is in the cache.
         */
        private long nonce(long iv) {
            if (closed) {
                throw new IllegalStateException("the key was wiped");
            }
            if (iv != expected) {
                write(iv);
            }
            expected = iv + 1;
            write(expected);
            return address + offset(iv);
        }

        private void write(long iv) {
            BigEndian.putLong(NativeMemory.around(state), NativeMemory.address(begin) + offset(iv) + SaKey.SALT_BYTES, iv);
        }

        private static long offset(long iv) {
            return NONCE + (iv & 1) * NEXT_NONCE;
        }

        @Override
        public void close() {
            closed = true;
            state.fill((byte) 0);
        }
    }
}
