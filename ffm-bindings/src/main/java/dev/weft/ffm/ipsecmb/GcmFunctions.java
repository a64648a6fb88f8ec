package dev.weft.ffm.ipsecmb;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * AES-GCM of ipsec-mb for one key length; all arguments are addresses of native memory that nobody checks. The calls are too short for
 * a safepoint to wait for (a microsecond for a jumbo frame), so they are critical ones. Any thread; allocates nothing.
 */
public final class GcmFunctions {

    /** More than sizeof(struct gcm_key_data) in any release (1,008 bytes in 1.3), which the library aligns to {@link #ALIGNMENT}. */
    public static final int KEY_DATA = 4096;
    /** More than sizeof(struct gcm_context_data), 88 bytes in 1.3. */
    public static final int CONTEXT = 256;
    public static final int ALIGNMENT = 64;
    /** Salt and IV. */
    public static final int NONCE = 12;
    public static final int TAG = 16;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    /** The address of the function is the first argument, so that the handles are constants. */
    private static final MethodHandle PRECOMPUTE = Linker.nativeLinker().downcallHandle(FunctionDescriptor.ofVoid(LONG, LONG));
    private static final MethodHandle CRYPT = Linker.nativeLinker().downcallHandle(
            FunctionDescriptor.ofVoid(LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG), Linker.Option.critical(false));

    private final MemorySegment precompute;
    /** Addresses: a segment in a field is asked at each call for its class and its life; of one made for the call nothing is left when compiled. */
    private final long encrypt;
    private final long decrypt;

    GcmFunctions(MemorySegment precompute, MemorySegment encrypt, MemorySegment decrypt) {
        this.precompute = precompute;
        this.encrypt = encrypt.address();
        this.decrypt = decrypt.address();
    }

    /** Expands a key to {@link #KEY_DATA} bytes at an aligned address. */
    public void expand(long key, long keyData) {
        try {
            PRECOMPUTE.invokeExact(precompute, key, keyData);
        } catch (Throwable e) {
            throw new AssertionError("a downcall threw", e);
        }
    }

    /**
     * Encrypts in place and writes the tag.
     *
     * @param context {@link #CONTEXT} bytes of the calling thread's own
     * @param nonce   {@link #NONCE} bytes
     */
    public void encrypt(long keyData, long context, long text, long length, long nonce, long aad, long aadLength, long tag) {
        crypt(encrypt, keyData, context, text, length, nonce, aad, aadLength, tag);
    }

    /** Decrypts in place and writes the tag that the text should have had; the caller compares. */
    public void decrypt(long keyData, long context, long text, long length, long nonce, long aad, long aadLength, long tag) {
        crypt(decrypt, keyData, context, text, length, nonce, aad, aadLength, tag);
    }

    private static void crypt(long function, long keyData, long context, long text, long length, long nonce, long aad, long aadLength,
                              long tag) {
        try {
            CRYPT.invokeExact(MemorySegment.ofAddress(function), keyData, context, text, text, length, nonce, aad, aadLength, tag, (long) TAG);
        } catch (Throwable e) {
            throw new AssertionError("a downcall threw", e);
        }
    }
}
