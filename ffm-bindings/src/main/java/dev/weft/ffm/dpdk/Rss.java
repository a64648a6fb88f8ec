package dev.weft.ffm.dpdk;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a NIC may choose the receive queue of an overlay packet by (RTE_ETH_RSS_*). A VXLAN packet's UDP source port follows from the inner flow
 * (RFC 7348, 5), as that of ESP in UDP does; ESP has its SPI.
 */
enum Rss {

    /** Addresses: where nothing better is offered. */
    IPV4(2),
    IPV4_UDP(5),
    IPV6(8),
    IPV6_UDP(11),
    ESP(27);

    private final long bit;

    Rss(int number) {
        bit = 1L << number;
    }

    /** @param offered flow_type_rss_offloads of a device; it refuses to be asked for others */
    static long of(long offered) {
        return offered & Arrays.stream(values()).mapToLong(hash -> hash.bit).sum();
    }

    /** {@code ipv4-udp esp}, say. */
    static String describe(long hashes) {
        return Arrays.stream(values()).filter(hash -> (hashes & hash.bit) != 0)
                .map(hash -> hash.name().toLowerCase(Locale.ROOT).replace('_', '-')).collect(Collectors.joining(" "));
    }
}
