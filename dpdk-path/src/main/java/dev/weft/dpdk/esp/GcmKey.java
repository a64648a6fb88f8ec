package dev.weft.dpdk.esp;

import java.lang.foreign.MemorySegment;

/**
 * An expanded key of AES-GCM with a 12-byte nonce (salt and IV) and a 16-byte ICV. Works on one packet in place: GCM is fast because
 * the blocks of one packet are independent, so no engine gains from several packets at once (ipsec-mb's burst calls do them in turn).
 * One thread at a time. The native engines allocate nothing for a packet.
 */
public interface GcmKey extends AutoCloseable {

    /** Bytes of the ICV behind the text. */
    int ICV = 16;

    /**
     * Encrypts the text in place and writes the ICV behind it.
     *
     * @param aad  offset of the additional authenticated data
     * @param text offset of the text
     * @param iv   as a big-endian number; never twice under one key
     */
    void seal(MemorySegment memory, long aad, int aadLength, long text, int length, long iv);

    /**
     * Checks the ICV behind the text, in constant time, and decrypts the text in place.
     *
     * @param length of the text without the ICV
     * @return false when the ICV is wrong; what stands in place of the text is worthless then
     */
    boolean open(MemorySegment memory, long aad, int aadLength, long text, int length, long iv);

    /** Overwrites the key; sealing and opening throw then. Idempotent. */
    @Override
    void close();
}
