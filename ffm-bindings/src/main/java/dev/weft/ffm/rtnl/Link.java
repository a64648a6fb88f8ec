package dev.weft.ffm.rtnl;

import dev.weft.api.MacAddress;
import java.util.OptionalInt;

/**
 * An interface as the kernel describes it.
 *
 * @param index   in its namespace
 * @param kind    {@code bridge}, {@code vxlan}, {@code veth}, {@code tun}; empty for hardware
 * @param master  index of the bridge that it is a port of
 * @param peer    IFLA_LINK: of a veth the index of the other end, in its namespace
 * @param port    what the bridge does at this port; null when it is none
 * @param vxlan   the tunnel's settings; null for other kinds
 */
public record Link(int index, String name, String kind, boolean up, int mtu, MacAddress mac, OptionalInt master, OptionalInt peer,
                   BridgePort port, VxlanSettings vxlan, LinkCounters counters) {
}
