package dev.weft.ffm.rtnl;

import java.net.InetAddress;

/** What comes from an address goes by a gateway, wherever it goes to. @param table a routing table that holds nothing else of its family */
public record SourceRoute(InetAddress source, int link, InetAddress gateway, int table) {
}
