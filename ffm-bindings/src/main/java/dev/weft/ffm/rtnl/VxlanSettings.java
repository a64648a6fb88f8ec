package dev.weft.ffm.rtnl;

import java.net.InetAddress;

/**
 * Of a VXLAN interface.
 *
 * @param local           the VTEP that packets leave from
 * @param firstSourcePort of the UDP source ports that packets leave from, chosen by the inner flow
 * @param lastSourcePort  inclusive; both 0: the kernel's local port range
 */
public record VxlanSettings(int vni, InetAddress local, int port, int firstSourcePort, int lastSourcePort) {

    /** With the kernel's local port range. */
    public VxlanSettings(int vni, InetAddress local, int port) {
        this(vni, local, port, 0, 0);
    }
}
