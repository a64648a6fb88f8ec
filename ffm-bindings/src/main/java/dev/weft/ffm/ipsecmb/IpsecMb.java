package dev.weft.ffm.ipsecmb;

import dev.weft.api.WeftException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;

/**
 * The ipsec-mb library that is installed, loaded once for the life of the process. Its GCM functions are exported once for each
 * instruction set; which of them this CPU has, the library says. Nothing here depends on the layout of its IMB_MGR, which changes
 * between releases.
 */
public final class IpsecMb {

    private static final List<String> NAMES = List.of("libIPSec_MB.so.2", "libIPSec_MB.so.1");
    private static final Linker LINKER = Linker.nativeLinker();
    private static final AddressLayout POINTER = ValueLayout.ADDRESS;

    /** IMB_FEATURE_ bits of intel-ipsec-mb.h. */
    private static final long SSE = 1L << 1 | 1L << 2;
    private static final long AVX = SSE | 1L << 6;
    private static final long AVX2 = AVX | 1L << 7;
    private static final long AVX512 = AVX2 | 1L << 8 | 1L << 9 | 1L << 10 | 1L << 11;
    private static final long VAES = 1L << 12 | 1L << 13;

    /** An instruction set and the end of the names of its functions. */
    private record Variant(long features, String suffix) {
    }

    private static final List<Variant> BEST_FIRST = List.of(new Variant(AVX512 | VAES, "vaes_avx512"), new Variant(AVX512, "avx512"),
            new Variant(AVX2 | VAES, "vaes_avx2"), new Variant(AVX2, "avx_gen4"), new Variant(AVX, "avx_gen2"), new Variant(SSE, "sse"));

    private static IpsecMb loaded;

    private final SymbolLookup symbols;
    private final String version;
    private final String suffix;

    private IpsecMb(SymbolLookup symbols) throws Throwable {
        this.symbols = symbols;
        MemorySegment text = (MemorySegment) function("imb_get_version_str", FunctionDescriptor.of(POINTER)).invokeExact();
        version = text.reinterpret(Byte.MAX_VALUE).getString(0);
        long features = features();
        suffix = BEST_FIRST.stream().filter(variant -> (features & variant.features) == variant.features).map(Variant::suffix)
                .filter(name -> symbols.find("aes_gcm_enc_128_" + name).isPresent()).findFirst()
                .orElseThrow(() -> new WeftException.DataPathUnavailable("ipsec-mb " + version + " has no AES-GCM for this CPU"));
    }

    /**
     * Loads it; the same at each call.
     *
     * @throws WeftException.DataPathUnavailable if there is none, or none for this CPU
     */
    public static synchronized IpsecMb load() {
        if (loaded == null) {
            SymbolLookup symbols = NAMES.stream().flatMap(name -> library(name).stream()).findFirst()
                    .orElseThrow(() -> new WeftException.DataPathUnavailable("ipsec-mb is not installed; install the package libipsec-mb1"));
            try {
                loaded = new IpsecMb(symbols);
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new AssertionError("a downcall threw", e);
            }
        }
        return loaded;
    }

    private static Optional<SymbolLookup> library(String name) {
        try {
            return Optional.of(SymbolLookup.libraryLookup(name, Arena.global()));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /** A manager finds out what the CPU can do; nothing else is wanted of it. */
    private long features() throws Throwable {
        MemorySegment manager = (MemorySegment) function("alloc_mb_mgr", FunctionDescriptor.of(POINTER, ValueLayout.JAVA_LONG)).invokeExact(0L);
        if (manager.address() == 0) {
            throw new WeftException.DataPathUnavailable("ipsec-mb " + version + " has no memory for a manager");
        }
        function("init_mb_mgr_auto", FunctionDescriptor.ofVoid(POINTER, POINTER)).invokeExact(manager, MemorySegment.NULL);
        long features = (long) function("imb_get_feature_flags", FunctionDescriptor.of(ValueLayout.JAVA_LONG)).invokeExact();
        function("free_mb_mgr", FunctionDescriptor.ofVoid(POINTER)).invokeExact(manager);
        return features;
    }

    /** {@code 1.3.0}, say. */
    public String version() {
        return version;
    }

    /** The instruction set that is used: {@code vaes_avx512}, say. */
    public String instructions() {
        return suffix;
    }

    /** Its functions for keys of so many bits, 128 or 256. */
    public GcmFunctions gcm(int bits) {
        return new GcmFunctions(symbol("aes_gcm_pre_" + bits + "_" + suffix), symbol("aes_gcm_enc_" + bits + "_" + suffix),
                symbol("aes_gcm_dec_" + bits + "_" + suffix));
    }

    private MemorySegment symbol(String name) {
        return symbols.find(name).orElseThrow(() ->
                new WeftException.DataPathUnavailable("ipsec-mb " + version + " has no function " + name + "; its release is not known here"));
    }

    private MethodHandle function(String name, FunctionDescriptor descriptor) {
        return LINKER.downcallHandle(symbol(name), descriptor);
    }
}
