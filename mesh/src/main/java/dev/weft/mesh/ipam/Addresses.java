package dev.weft.mesh.ipam;

import java.math.BigInteger;
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

    /** @param first its bytes */
    static InetAddress plus(byte[] first, BigInteger offset) {
        byte[] sum = new BigInteger(1, first).add(offset).toByteArray();
        byte[] bytes = new byte[first.length];
        // a leading zero for the sign, or fewer bytes than an address has
        int length = Math.min(sum.length, bytes.length);
        System.arraycopy(sum, sum.length - length, bytes, bytes.length - length, length);
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
