package dev.weft.api;

import java.time.Duration;

/**
 * One SA of this node with another, without its key.
 *
 * @param peer     name of the other node
 * @param outbound whether this node seals with it; else it opens with it
 * @param spi      drawn by the receiver (RFC 4303, section 2.1); unsigned
 * @param age      since it was drawn here, or taken from the peer
 * @param packets  that went through it
 * @param bytes    of them
 */
public record SaInfo(String peer, Cipher cipher, boolean outbound, int spi, Duration age, long packets, long bytes) {
}
