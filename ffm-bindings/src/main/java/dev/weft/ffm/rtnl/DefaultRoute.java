package dev.weft.ffm.rtnl;

import java.net.InetAddress;
import java.util.Optional;

/** A way to everywhere. @param link 0 when it is over several @param gateway empty: all the world is on the link */
public record DefaultRoute(int link, Optional<InetAddress> gateway) {
}
