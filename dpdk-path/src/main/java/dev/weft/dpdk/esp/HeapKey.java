package dev.weft.dpdk.esp;

import dev.weft.api.path.SaKey;
import dev.weft.api.wire.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A key of an engine that works on arrays: copies a packet to the heap and back. Its key is in the heap too, which is why such engines
 * come last.
 */
abstract class HeapKey implements GcmKey {

    private static final int MAX_TEXT = 1 << 16;
    private static final int NONCE = SaKey.SALT_BYTES + Long.BYTES;

    /** The AES key; zeroes once closed. */
    protected final byte[] aes;
    protected final byte[] nonce = new byte[NONCE];

    private final byte[] input = new byte[MAX_TEXT + ICV];
    private final byte[] output = new byte[MAX_TEXT + ICV];
    private final MemorySegment nonceView = MemorySegment.ofArray(nonce);
    private boolean closed;

    HeapKey(SaKey key) {
        byte[] both = new byte[key.length()];
        key.copyTo(MemorySegment.ofArray(both));
        aes = Arrays.copyOf(both, key.cipher().keyBytes());
        System.arraycopy(both, aes.length, nonce, 0, SaKey.SALT_BYTES);
        Arrays.fill(both, (byte) 0);
    }

    /** Encrypts {@code length} bytes; the ICV goes behind them. */
    protected abstract void seal(byte[] aad, byte[] plain, int length, byte[] sealed);

    /** Decrypts text and ICV, {@code length} bytes together. @return false when the ICV is wrong */
    protected abstract boolean open(byte[] aad, byte[] sealed, int length, byte[] plain);

    @Override
    public final void seal(MemorySegment memory, long aad, int aadLength, long text, int length, long iv) {
        prepare(iv);
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, text, input, 0, length);
        seal(bytes(memory, aad, aadLength), input, length, output);
        MemorySegment.copy(output, 0, memory, ValueLayout.JAVA_BYTE, text, length + ICV);
    }

    @Override
    public final boolean open(MemorySegment memory, long aad, int aadLength, long text, int length, long iv) {
        prepare(iv);
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, text, input, 0, length + ICV);
        boolean authentic = open(bytes(memory, aad, aadLength), input, length + ICV, output);
        if (authentic) {
            MemorySegment.copy(output, 0, memory, ValueLayout.JAVA_BYTE, text, length);
        }
        return authentic;
    }

    private void prepare(long iv) {
        if (closed) {
            throw new IllegalStateException("the key was wiped");
        }
        BigEndian.putLong(nonceView, SaKey.SALT_BYTES, iv);
    }

    private static byte[] bytes(MemorySegment memory, long offset, int length) {
        return memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public void close() {
        closed = true;
        for (byte[] secret : new byte[][] {aes, nonce, input, output}) {
            Arrays.fill(secret, (byte) 0);
        }
    }
}
