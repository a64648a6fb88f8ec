package dev.weft.mesh.gateway;

import dev.weft.api.MacAddress;
import java.net.InetAddress;

/**
 * An endpoint that asks, and what it asked: answers go back the same way.
 *
 * @param port    of the endpoint
 * @param gateway which of the network's gateway addresses
 */
record Peer(MacAddress mac, InetAddress address, int port, InetAddress gateway) {
}
