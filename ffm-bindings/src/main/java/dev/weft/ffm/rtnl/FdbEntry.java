package dev.weft.ffm.rtnl;

import dev.weft.api.MacAddress;
import java.net.InetAddress;
import java.util.Optional;

/**
 * A static forwarding entry.
 *
 * @param link of the bridge port, or of the VXLAN interface
 * @param vtep with one: the VXLAN interface's own table, where frames for the MAC are sent; without: the bridge's, out of which
 *             port they go
 */
public record FdbEntry(int link, MacAddress mac, Optional<InetAddress> vtep) {
}
