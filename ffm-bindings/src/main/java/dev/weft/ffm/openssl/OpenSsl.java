package dev.weft.ffm.openssl;

import dev.weft.api.WeftException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The libcrypto of OpenSSL 3 that is installed, loaded once for the life of the process. */
public final class OpenSsl {

    private static final String NAME = "libcrypto.so.3";
    private static final Linker LINKER = Linker.nativeLinker();
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final AddressLayout POINTER = ValueLayout.ADDRESS;
    /** OPENSSL_VERSION_STRING of OpenSSL_version(3): the bare number. */
    private static final int VERSION_STRING = 6;

    private static OpenSsl loaded;

    private final SymbolLookup symbols;
    private final MethodHandle newContext;
    private final MethodHandle freeContext;
    private final String version;
    /** What {@link GcmContext} calls for each packet. */
    final MemorySegment initialize;
    final MemorySegment update;
    final MemorySegment finish;
    final MemorySegment control;

    private OpenSsl(SymbolLookup symbols) throws Throwable {
        this.symbols = symbols;
        newContext = function("EVP_CIPHER_CTX_new", FunctionDescriptor.of(LONG));
        freeContext = function("EVP_CIPHER_CTX_free", FunctionDescriptor.ofVoid(LONG));
        initialize = symbol("EVP_CipherInit_ex");
        update = symbol("EVP_CipherUpdate");
        finish = symbol("EVP_CipherFinal_ex");
        control = symbol("EVP_CIPHER_CTX_ctrl");
        MemorySegment text = (MemorySegment) function("OpenSSL_version", FunctionDescriptor.of(POINTER, INT)).invokeExact(VERSION_STRING);
        version = text.reinterpret(Byte.MAX_VALUE).getString(0);
    }

    /**
     * Loads it; the same at each call.
     *
     * @throws WeftException.DataPathUnavailable if there is none
     */
    public static synchronized OpenSsl load() {
        if (loaded == null) {
            try {
                loaded = new OpenSsl(library());
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new AssertionError("a downcall threw", e);
            }
        }
        return loaded;
    }

    private static SymbolLookup library() {
        try {
            return SymbolLookup.libraryLookup(NAME, Arena.global());
        } catch (IllegalArgumentException e) {
            throw new WeftException.DataPathUnavailable("OpenSSL 3 is not installed (" + NAME + "); install the package libssl3", e);
        }
    }

    /** {@code 3.0.19}, say. */
    public String version() {
        return version;
    }

    /**
     * A context that keeps its key and takes an IV for each packet.
     *
     * @param key  16 or 32 bytes of native memory
     * @param seal whether it encrypts; else it decrypts
     */
    public GcmContext context(MemorySegment key, boolean seal) {
        try {
            MethodHandle cipher = function(key.byteSize() == 16 ? "EVP_aes_128_gcm" : "EVP_aes_256_gcm", FunctionDescriptor.of(LONG));
            long context = (long) newContext.invokeExact();
            GcmContext made = new GcmContext(this, context, seal);
            made.initialize((long) cipher.invokeExact(), key.address());
            return made;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a downcall threw", e);
        }
    }

    /** Cleanses the key and frees the memory. */
    void free(long context) {
        try {
            freeContext.invokeExact(context);
        } catch (Throwable e) {
            throw new AssertionError("a downcall threw", e);
        }
    }

    private MemorySegment symbol(String name) {
        return symbols.find(name).orElseThrow(() -> new WeftException.DataPathUnavailable("OpenSSL has no function " + name));
    }

    private MethodHandle function(String name, FunctionDescriptor descriptor) {
        return LINKER.downcallHandle(symbol(name), descriptor);
    }
}
