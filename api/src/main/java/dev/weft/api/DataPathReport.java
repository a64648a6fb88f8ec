package dev.weft.api;

import java.util.List;

/**
 * What carries a node's packets, and why.
 *
 * @param asked      what the caller asked for
 * @param chosen     what it got; never {@link DataPathKind#AUTO}
 * @param why        a sentence for each data path that was looked at, best first
 * @param vtep       the data-path address
 * @param underlayMtu bytes of an IP packet on the uplink
 * @param properties what the data path says of itself: uplink, pipeline, DPDK release and the like, as {@code key=value}
 */
public record DataPathReport(DataPathKind asked, DataPathKind chosen, List<String> why, String vtep, int underlayMtu, List<String> properties) {

    public DataPathReport {
        why = List.copyOf(why);
        properties = List.copyOf(properties);
    }
}
