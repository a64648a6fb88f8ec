package dev.weft.api.path;

import java.util.List;
import java.util.Optional;

/**
 * What a data path can do here, found out by trying and not by guessing from versions.
 *
 * @param usable  whether it can be opened at all
 * @param reason  one sentence: why it can, or what is missing and how to get it
 * @param clearOnly one sentence: why it cannot encrypt, and what to do; empty when it can
 * @param facts   what it found, as {@code key=value}: DPDK release, kernel features and the like
 */
public record Capabilities(boolean usable, String reason, Optional<String> clearOnly, List<String> facts) {

    public Capabilities {
        facts = List.copyOf(facts);
    }

    /** One that cannot encrypt (yet). */
    public Capabilities(boolean usable, String reason, List<String> facts) {
        this(usable, reason, Optional.of("this data path does not encrypt"), facts);
    }

    public static Capabilities unusable(String reason) {
        return new Capabilities(false, reason, List.of());
    }
}
