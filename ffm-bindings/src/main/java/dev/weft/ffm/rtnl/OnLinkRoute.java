package dev.weft.ffm.rtnl;

import java.net.InetAddress;

/** A prefix that is reached on an interface without a gateway. @param prefix its length in bits */
public record OnLinkRoute(int link, InetAddress destination, int prefix) {
}
