package dev.weft.ffm.rtnl;

import dev.weft.api.MacAddress;
import java.net.InetAddress;

/** A permanent neighbour entry: who has the address, on which interface. */
public record Neighbor(int link, InetAddress address, MacAddress mac) {
}
