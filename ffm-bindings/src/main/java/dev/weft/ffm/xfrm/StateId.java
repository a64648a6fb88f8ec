package dev.weft.ffm.xfrm;

import java.net.InetAddress;

/**
 * Which SA: its destination and SPI say that. The source and the request id, by which policies choose SAs, go with it.
 *
 * @param spi   256 to 2^32 - 1, as an unsigned int
 * @param reqid as an unsigned int; 0 is of no policy
 */
public record StateId(InetAddress source, InetAddress destination, int spi, int reqid) {
}
