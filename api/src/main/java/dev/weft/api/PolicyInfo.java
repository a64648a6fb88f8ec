package dev.weft.api;

/**
 * A rule as the cluster has it.
 *
 * @param hits packets that it has decided about at this node, since its data path was made
 */
public record PolicyInfo(String network, PolicyRule rule, long hits) {
}
