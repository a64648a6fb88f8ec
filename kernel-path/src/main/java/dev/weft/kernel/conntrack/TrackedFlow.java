package dev.weft.kernel.conntrack;

import java.net.InetAddress;

/**
 * A flow that conntrack knows.
 *
 * @param id          tells it from a later one of the same addresses and ports
 * @param tuple       its first packet's addresses, protocol and ports, as the kernel wrote them
 * @param destination where its first packet was sent to
 * @param answerer    who answers it: another one than the destination when that was translated
 */
record TrackedFlow(int id, byte[] tuple, InetAddress destination, InetAddress answerer) {

    boolean isTranslated() {
        return !destination.equals(answerer);
    }
}
