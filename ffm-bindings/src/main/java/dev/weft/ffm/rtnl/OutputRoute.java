package dev.weft.ffm.rtnl;

import java.net.InetAddress;

/** A way to everywhere for what a namespace sends itself. */
public record OutputRoute(int link, InetAddress gateway) {
}
