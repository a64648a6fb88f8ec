package dev.weft.ffm.openssl;

import dev.weft.api.WeftException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * An EVP_CIPHER_CTX of AES-GCM for one key and one direction. All arguments are addresses of native memory that nobody checks. One
 * thread at a time; allocates nothing after it was made.
 */
public final class GcmContext implements AutoCloseable {

    public static final int TAG = 16;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final int EVP_CTRL_AEAD_GET_TAG = 0x10;
    private static final int EVP_CTRL_AEAD_SET_TAG = 0x11;
    private static final int KEEP_DIRECTION = -1;

    /** EVP_CipherInit_ex(context, cipher, engine, key, iv, encrypt). */
    private static final MethodHandle INITIALIZE = critical(FunctionDescriptor.of(INT, LONG, LONG, LONG, LONG, LONG, INT));
    /** EVP_CipherUpdate(context, out, *outLength, in, inLength). */
    private static final MethodHandle UPDATE = critical(FunctionDescriptor.of(INT, LONG, LONG, LONG, LONG, INT));
    /** EVP_CipherFinal_ex(context, out, *outLength). */
    private static final MethodHandle FINISH = critical(FunctionDescriptor.of(INT, LONG, LONG, LONG));
    /** EVP_CIPHER_CTX_ctrl(context, type, argument, pointer). */
    private static final MethodHandle CONTROL = critical(FunctionDescriptor.of(INT, LONG, INT, INT, LONG));

    private final OpenSsl library;
    private final long context;
    private final boolean seal;
    private final MemorySegment written = Arena.ofAuto().allocate(LONG);
    private final long writtenAddress = written.address();
    private boolean closed;

    GcmContext(OpenSsl library, long context, boolean seal) {
        this.library = library;
        this.context = context;
        this.seal = seal;
    }

    private static MethodHandle critical(FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(descriptor, Linker.Option.critical(false));
    }

    void initialize(long cipher, long key) throws Throwable {
        if (context == 0 || (int) INITIALIZE.invokeExact(library.initialize, context, cipher, 0L, key, 0L, seal ? 1 : 0) != 1) {
            throw new WeftException.DataPathUnavailable("OpenSSL " + library.version() + " makes no context for AES-GCM");
        }
    }

    /** Encrypts in place and writes the tag. @return false when OpenSSL refuses, after which the text is worthless */
    public boolean seal(long text, int length, long nonce, long aad, int aadLength, long tag) {
        requireKey();
        try {
            return crypt(text, length, nonce, aad, aadLength)
                    && (int) FINISH.invokeExact(library.finish, context, text + length, writtenAddress) == 1
                    && (int) CONTROL.invokeExact(library.control, context, EVP_CTRL_AEAD_GET_TAG, TAG, tag) == 1;
        } catch (Throwable e) {
            throw new AssertionError("a downcall threw", e);
        }
    }

    /** Decrypts in place. @return whether the tag is right, compared in constant time; when not, the text is worthless */
    public boolean open(long text, int length, long nonce, long aad, int aadLength, long tag) {
        requireKey();
        try {
            return crypt(text, length, nonce, aad, aadLength)
                    && (int) CONTROL.invokeExact(library.control, context, EVP_CTRL_AEAD_SET_TAG, TAG, tag) == 1
                    && (int) FINISH.invokeExact(library.finish, context, text + length, writtenAddress) == 1;
        } catch (Throwable e) {
            throw new AssertionError("a downcall threw", e);
        }
    }

    private void requireKey() {
        if (closed) {
            throw new IllegalStateException("the key was wiped");
        }
    }

    private boolean crypt(long text, int length, long nonce, long aad, int aadLength) throws Throwable {
        boolean good = (int) INITIALIZE.invokeExact(library.initialize, context, 0L, 0L, 0L, nonce, KEEP_DIRECTION) == 1;
        if (aadLength > 0) {
            good &= (int) UPDATE.invokeExact(library.update, context, 0L, writtenAddress, aad, aadLength) == 1;
        }
        if (length > 0) {
            good &= (int) UPDATE.invokeExact(library.update, context, text, writtenAddress, text, length) == 1;
        }
        return good;
    }

    /** Cleanses the key. Idempotent. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            library.free(context);
        }
    }
}
