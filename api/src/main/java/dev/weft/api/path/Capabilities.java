package dev.weft.api.path;

import java.util.List;

/**
 * What a data path can do here, found out by trying and not by guessing from versions.
 *
 * @param usable  whether it can be opened at all
 * @param reason  one sentence: why it can, or what is missing and how to get it
 * @param facts   what it found, as {@code key=value}: DPDK release, kernel features and the like
 */
public record Capabilities(boolean usable, String reason, List<String> facts) {

    public Capabilities {
        facts = List.copyOf(facts);
    }

    public static Capabilities unusable(String reason) {
        return new Capabilities(false, reason, List.of());
    }
}
