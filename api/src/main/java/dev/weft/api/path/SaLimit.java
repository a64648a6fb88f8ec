package dev.weft.api.path;

import java.time.Duration;

/**
 * How much an SA may protect at most. The data path of the sender keeps packets and bytes: the packet beyond is dropped as NO_SA.
 *
 * @param packets 1 to 2^63 - 1; also the highest sequence number
 * @param bytes   of encrypted payload, ESP trailer included
 * @param time    since this node has the key ({@link SaKey#age}). Whoever makes keys takes an SA out before; a data path that outlives
 *                its process, as the kernel does, keeps this in its stead
 */
public record SaLimit(long packets, long bytes, Duration time) {

    private static final Duration LONGEST = Duration.ofDays(2);

    /**
     * 2^40 packets, 2^46 bytes, two days. An attacker tells 2^42 blocks of AES-GCM from random bits with a chance of about 2^-45 (n^2 / 2^129),
     * and 64 TiB are an hour and a half at 100 Gbit/s.
     */
    public static final SaLimit DEFAULT = new SaLimit(1L << 40, 1L << 46, LONGEST);

    /** For two days at most. */
    public SaLimit(long packets, long bytes) {
        this(packets, bytes, LONGEST);
    }

    public SaLimit {
        if (packets < 1 || bytes < 1) {
            throw new IllegalArgumentException("an SA for " + packets + " packets and " + bytes + " bytes protects nothing");
        }
        if (!time.isPositive()) {
            throw new IllegalArgumentException("an SA for " + time + " protects nothing");
        }
    }
}
