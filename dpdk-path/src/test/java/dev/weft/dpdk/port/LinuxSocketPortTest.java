package dev.weft.dpdk.port;

import java.net.InetAddress;

class LinuxSocketPortTest extends SocketPortContract {

    @Override
    Port open(PacketPool packetPool, InetAddress vtep, int overlayPort, int espPort) {
        return new LinuxSocketPort("uplink", packetPool, vtep, overlayPort, espPort, 1500);
    }
}
