package dev.weft.mesh.model;

import dev.weft.api.PolicyRule;
import dev.weft.api.path.Named;
import java.util.Comparator;

/** A rule of a network about flows. Never changes while it exists. */
public record PolicyRecord(String network, PolicyRule rule) implements Named {

    /** The one with the least order first, of two the one that denies, then by name. */
    public static final Comparator<PolicyRecord> BY_DECISION = Comparator.comparingInt((PolicyRecord policy) -> policy.rule().order())
            .thenComparing(policy -> policy.rule().action() == PolicyRule.Action.ALLOW).thenComparing(PolicyRecord::name);

    @Override
    public String name() {
        return rule.name();
    }
}
