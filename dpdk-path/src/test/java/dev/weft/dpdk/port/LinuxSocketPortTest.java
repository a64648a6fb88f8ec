package dev.weft.dpdk.port;

import java.net.InetAddress;

class LinuxSocketPortTest extends SocketPortContract {

    @Override
    Port open(PacketPool packetPool, InetAddress vtep, int overlayPort) {
        return new LinuxSocketPort("uplink", packetPool, vtep, overlayPort, 1500);
    }
}
