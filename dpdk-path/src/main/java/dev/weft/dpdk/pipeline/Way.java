package dev.weft.dpdk.pipeline;

import java.util.List;
import java.util.function.IntFunction;

/**
 * The stages of one direction, in the order in which a packet meets them.
 *
 * @param before   up to where it is known what to seal or open, and under which number: they own what they look up and change
 * @param ciphers  seals or opens; of each thread by its number, each with keys of its own, so several may run at once
 * @param behind   what needs the packet opened, and the order in which packets came: they own the replay windows, flows and so on
 */
public record Way(List<Stage> before, IntFunction<Stage> ciphers, List<Stage> behind) {
}
