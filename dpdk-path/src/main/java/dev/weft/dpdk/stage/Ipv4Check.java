package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.Ipv4Header;
import java.lang.foreign.MemorySegment;

/** What is demanded of an IPv4 header, inside and outside, once its first words have been read. */
final class Ipv4Check {

    private Ipv4Check() {
    }

    /** Why the packet is not taken; null when it is. @param available bytes, at least {@link Ipv4Header#MIN_LENGTH} */
    static DropReason fault(MemorySegment memory, long ip, int available, long front, long middle) {
        if (!Ipv4Header.fits(front, available)) {
            return DropReason.TRUNCATED;
        }
        if (Ipv4Header.version(front) != Ipv4Header.VERSION) {
            return DropReason.MALFORMED;
        }
        return Ipv4Header.isChecksumValid(memory, ip, front, middle) ? null : DropReason.BAD_CHECKSUM;
    }
}
