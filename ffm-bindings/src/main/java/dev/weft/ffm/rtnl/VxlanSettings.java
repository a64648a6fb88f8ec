package dev.weft.ffm.rtnl;

import java.net.InetAddress;

/** Of a VXLAN interface. @param local the VTEP that packets leave from */
public record VxlanSettings(int vni, InetAddress local, int port) {
}
