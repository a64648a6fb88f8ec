package dev.weft.ffm.rtnl;

import java.net.Inet4Address;
import java.net.InetAddress;

/** AF_INET and AF_INET6. */
final class Family {

    private Family() {
    }

    static int of(InetAddress address) {
        return address instanceof Inet4Address ? 2 : 10;
    }
}
