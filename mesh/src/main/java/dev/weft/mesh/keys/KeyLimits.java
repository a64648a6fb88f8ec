package dev.weft.mesh.keys;

import dev.weft.api.EncryptionSpec;
import dev.weft.api.path.SaLimit;
import dev.weft.api.path.SaUsage;
import java.time.Duration;

/**
 * When a key is replaced, and when it ends. All times are elapsed times: no node looks at another's clock.
 *
 * @param rekeyAfter   a key is replaced at this age, or up to a tenth earlier, so that not all are at once
 * @param rekeyBytes   or when so much went through it
 * @param rekeyPackets or so many packets (lost ones count: it is the sequence number)
 * @param drain        how long an old key still opens what is under way when the peer has switched
 */
public record KeyLimits(Duration rekeyAfter, long rekeyBytes, long rekeyPackets, Duration drain) {

    /** Longer than any packet is under way, and than clocks that run 200 ppm apart drift in a day. */
    public static final Duration USUAL_DRAIN = Duration.ofSeconds(20);

    /**
     * An SA may carry so many times more than what it is replaced after: with the usual limits that is an hour and a half at
     * 100 Gbit/s, in which a key daemon that hangs may come back.
     */
    private static final int HEADROOM = 64;
    /** The part of {@link #rekeyAfter} by which a rekey may be early. */
    private static final double JITTER = 0.1;
    private static final Duration SHORTEST_PING = Duration.ofMillis(100);
    private static final Duration LONGEST_PING = Duration.ofSeconds(5);

    public static KeyLimits of(EncryptionSpec spec) {
        Duration drain = spec.rekeyAfter().compareTo(USUAL_DRAIN) < 0 ? spec.rekeyAfter() : USUAL_DRAIN;
        return new KeyLimits(spec.rekeyAfter(), spec.rekeyBytes(), spec.rekeyPackets(), drain);
    }

    /** Nothing is sealed or opened with a key that is older, whatever happened to its successor. */
    long lifeMillis() {
        return 2 * rekeyAfter.toMillis();
    }

    /** What the data path keeps, whatever happened to the successor. @param millis that are left of the SA's life */
    SaLimit most(long millis) {
        return new SaLimit(Math.min(rekeyPackets, Long.MAX_VALUE / HEADROOM) * HEADROOM, Math.min(rekeyBytes, Long.MAX_VALUE / HEADROOM) * HEADROOM,
                Duration.ofMillis(millis));
    }

    /** The same of an SA to receive with: it may wait for its peer before its life begins. */
    SaLimit mostToReceive() {
        return most(waitMillis() + lifeMillis() + drainMillis());
    }

    /** How long an SA is kept that nobody was there to be offered. */
    long waitMillis() {
        return rekeyAfter.toMillis();
    }

    boolean isWorn(SaUsage usage) {
        return usage.sequence() >= rekeyPackets || usage.packets() >= rekeyPackets || usage.bytes() >= rekeyBytes;
    }

    /** @param fraction 0 to 1, drawn anew for each key */
    long rekeyMillis(double fraction) {
        return (long) (rekeyAfter.toMillis() * (1 - JITTER * fraction));
    }

    long drainMillis() {
        return drain.toMillis();
    }

    /** How often a side that has nothing to say says so: what its peer counts a key's life from. */
    long pingMillis() {
        return Math.clamp(rekeyAfter.toMillis() / 10, SHORTEST_PING.toMillis(), LONGEST_PING.toMillis());
    }

    /** A connection on which nothing was heard for so long is dead. */
    long silenceMillis() {
        return Math.max(4 * pingMillis(), 2_000);
    }
}
