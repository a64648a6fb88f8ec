package dev.weft.mesh.ipam;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Arithmetic on addresses. */
final class Addresses {

    private Addresses() {
    }

    /** The address after; the lowest of the family after the highest. */
    static InetAddress next(InetAddress address) {
        byte[] bytes = address.getAddress();
        for (int i = bytes.length - 1; i >= 0; i--) {
            bytes[i]++;
            if (bytes[i] != 0) {
                break;
            }
        }
        return of(bytes);
    }

    static InetAddress of(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are always an address", e);
        }
    }
}
