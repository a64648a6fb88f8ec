package dev.weft.ffm.xfrm;

/**
 * What the kernel says of an SA.
 *
 * @param sent     highest sequence number that went out (ESN, 64 bits)
 * @param received highest sequence number that came in and was authenticated
 */
public record StateUsage(long packets, long bytes, long sent, long received) {
}
