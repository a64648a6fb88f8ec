package dev.weft.mesh.udp;

import dev.weft.api.MacAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * What came by a published port for an endpoint of this process.
 *
 * @param port   of the endpoint
 * @param client who has sent it, by his own address
 */
public record PublishedDatagram(int port, InetSocketAddress client, byte[] data, WayBack way) {

    /**
     * The way that an answer takes.
     *
     * @param member stands for the endpoint in the ingress network
     * @param asked  the member's address that it came to, and the answer comes from
     * @param node   MAC of the node that the client has asked
     */
    public record WayBack(UdpStack member, InetAddress asked, MacAddress node) {
    }
}
