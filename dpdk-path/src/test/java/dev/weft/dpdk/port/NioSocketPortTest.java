package dev.weft.dpdk.port;

import java.net.InetAddress;

class NioSocketPortTest extends SocketPortContract {

    @Override
    Port open(PacketPool packetPool, InetAddress vtep, int overlayPort) {
        return new NioSocketPort("uplink", packetPool, vtep, overlayPort);
    }
}
