package dev.weft.dpdk.port;

import java.net.InetAddress;

class NioSocketPortTest extends SocketPortContract {

    @Override
    Port open(PacketPool packetPool, InetAddress vtep, int overlayPort, int espPort) {
        return new NioSocketPort("uplink", packetPool, vtep, overlayPort, espPort);
    }
}
