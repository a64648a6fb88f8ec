package dev.weft.api.path;

import dev.weft.api.Cipher;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/**
 * The secret of one SA: an AES key and the salt of its nonces (RFC 4106, section 4). Equal only to itself, never printed, and
 * wiped when nobody uses it any more. Kept outside of the heap, so that no heap dump shows it. Thread-safe.
 */
public final class SaKey {

    /** RFC 4106, section 4. */
    public static final int SALT_BYTES = 4;

    private final Cipher cipher;
    private final MemorySegment secret;
    private final long madeAt = System.nanoTime();
    private boolean wiped;
    private long sent;
    private long sentBytes;
    private long received;

    /** @param keyAndSalt the key, then the salt (as XFRM takes them); copied, the caller wipes its own */
    public SaKey(Cipher cipher, byte[] keyAndSalt) {
        if (keyAndSalt.length != cipher.keyBytes() + SALT_BYTES) {
            throw new IllegalArgumentException("a key of " + cipher.label() + " and its salt have " + (cipher.keyBytes() + SALT_BYTES)
                    + " bytes, not " + keyAndSalt.length);
        }
        this.cipher = cipher;
        secret = Arena.ofAuto().allocate(keyAndSalt.length).copyFrom(MemorySegment.ofArray(keyAndSalt));
    }

    public Cipher cipher() {
        return cipher;
    }

    /** How long this node has had it. */
    public Duration age() {
        return Duration.ofNanos(System.nanoTime() - madeAt);
    }

    /** Bytes of key and salt together. */
    public int length() {
        return (int) secret.byteSize();
    }

    /**
     * Copies the key, then the salt, to memory that the caller wipes.
     *
     * @throws IllegalStateException if the key was wiped
     */
    public synchronized void copyTo(MemorySegment target) {
        if (wiped) {
            throw new IllegalStateException("the key was wiped");
        }
        target.asSlice(0, secret.byteSize()).copyFrom(secret);
    }

    /** The highest sequence number that went out under the key; 0: none. Who installs it to send goes on behind that one. */
    public synchronized long sent() {
        return sent;
    }

    /** Bytes of payload that went out under the key, ESP trailer included. */
    public synchronized long sentBytes() {
        return sentBytes;
    }

    /**
     * Said by a data path when it lets go of the key: all up to this sequence number are used. AES-GCM gives its key away when an IV
     * is used twice (RFC 4106, section 2), so the number outlives the table, and the data path, that the key was in.
     *
     * @param bytes of payload since the key is there, whoever sent them
     */
    public synchronized void sent(long sequence, long bytes) {
        sent = Math.max(sent, sequence);
        sentBytes = Math.max(sentBytes, bytes);
    }

    /** As above, by a data path that does not know the bytes. */
    public void sent(long sequence) {
        sent(sequence, 0);
    }

    /** The highest sequence number that came in under the key; 0: none. Who installs it to receive takes none up to that one again. */
    public synchronized long received() {
        return received;
    }

    /** Said by a data path when it lets go of the key. */
    public synchronized void received(long sequence) {
        received = Math.max(received, sequence);
    }

    /** Overwrites the key. Idempotent. */
    public synchronized void wipe() {
        secret.fill((byte) 0);
        wiped = true;
    }

    /** Never shows the key. */
    @Override
    public String toString() {
        return "SaKey[" + cipher.label() + "]";
    }
}
