package dev.weft.dpdk.esp;

import dev.weft.api.WeftException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The engines that there are, best first. The first that this machine has and that passes {@link GcmSelfTest} is taken; the system
 * property {@value #PROPERTY} names another one, which is then taken or none.
 */
public final class GcmEngines {

    /** {@code ipsec-mb}, {@code openssl}, {@code sunjce} or {@code bouncycastle}. */
    public static final String PROPERTY = "weft.esp.engine";

    private static final Map<String, Supplier<GcmEngine>> BEST_FIRST = bestFirst();

    private GcmEngines() {
    }

    private static Map<String, Supplier<GcmEngine>> bestFirst() {
        Map<String, Supplier<GcmEngine>> engines = new LinkedHashMap<>();
        engines.put(IpsecMbEngine.LABEL, IpsecMbEngine::new);
        engines.put(OpenSslEngine.LABEL, OpenSslEngine::new);
        engines.put(SunJceEngine.LABEL, SunJceEngine::new);
        engines.put(BouncyCastleEngine.LABEL, BouncyCastleEngine::new);
        return engines;
    }

    /**
     * What was found.
     *
     * @param engine  empty: none may encrypt here
     * @param refused those that would have been better, each with the reason, as {@code label: reason}
     */
    public record Choice(Optional<GcmEngine> engine, List<String> refused) {

        /** Why nothing can be encrypted here; empty: it can. */
        public Optional<String> clearOnly() {
            return engine.isPresent() ? Optional.empty() : Optional.of("no engine encrypts here (" + String.join("; ", refused) + ")");
        }
    }

    /** Labels, best first. */
    public static List<String> labels() {
        return List.copyOf(BEST_FIRST.keySet());
    }

    /** Takes the best, or the one that {@value #PROPERTY} names. */
    public static Choice choose() {
        String named = System.getProperty(PROPERTY);
        return choose(named == null ? labels() : List.of(named));
    }

    /** Takes the first of these. */
    static Choice choose(List<String> candidates) {
        List<String> refused = new ArrayList<>();
        for (String label : candidates) {
            try {
                return new Choice(Optional.of(open(label)), refused);
            } catch (WeftException e) {
                refused.add(label + ": " + e.getMessage());
            }
        }
        return new Choice(Optional.empty(), refused);
    }

    /**
     * Makes one engine, which has passed the self-test then.
     *
     * @throws WeftException.InvalidSpec         if there is no engine of that label
     * @throws WeftException.DataPathUnavailable if this machine does not have it, or it is wrong
     */
    public static GcmEngine open(String label) {
        Supplier<GcmEngine> maker = BEST_FIRST.get(label);
        if (maker == null) {
            throw new WeftException.InvalidSpec("there is no AES-GCM engine '" + label + "'; set " + PROPERTY + " to one of " + labels());
        }
        try {
            GcmEngine engine = maker.get();
            GcmSelfTest.run(engine);
            return engine;
        } catch (IllegalCallerException | LinkageError e) {
            throw new WeftException.DataPathUnavailable("native access is denied (--enable-native-access=dev.weft.ffm, or ALL-UNNAMED on the"
                    + " class path)", e);
        } catch (IllegalStateException e) {
            throw new WeftException.DataPathUnavailable(e.getMessage(), e);
        }
    }
}
