package dev.weft.ffm.rtnl;

import java.net.InetAddress;

/** An address of an interface. @param prefix its length in bits */
public record InterfaceAddress(int link, InetAddress address, int prefix) {
}
