package dev.weft.api.counter;

/**
 * The value of one counter.
 *
 * @param scope where it counts: {@code uplink}, {@code endpoint:web1@blue}, {@code stage:vxlan-decap} and the like
 * @param name  what it counts: {@code rx-packets}, {@code tx-bytes}, {@code drop:unknown-vni} and the like
 * @param value since the data path was opened; never falls
 */
public record Counter(String scope, String name, long value) {
}
