package dev.weft.api.path;

import java.net.InetAddress;

/**
 * How much an SA has been used since it was installed.
 *
 * @param vtep     the peer's
 * @param outbound whether this node seals with it; else it opens with it
 * @param sequence the highest sequence number sent, or received and authenticated; 64 bits (ESN). {@link Long#MAX_VALUE}: none is left, since
 *                 the data path has the SA no more
 */
public record SaUsage(InetAddress vtep, int spi, boolean outbound, long packets, long bytes, long sequence) {
}
