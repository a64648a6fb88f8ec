package dev.weft.mesh.keys;

import dev.weft.api.Cipher;
import java.net.InetAddress;

/**
 * A node with which this one shares an encrypted network.
 *
 * @param node its id
 * @param vtep its data-path address
 * @param udp  ESP between the two goes in UDP
 */
public record PeerShare(String node, Cipher cipher, InetAddress vtep, boolean udp) {
}
