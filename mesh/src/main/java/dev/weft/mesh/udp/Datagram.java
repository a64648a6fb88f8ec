package dev.weft.mesh.udp;

import java.net.InetAddress;

/** A UDP datagram on its way out; its source address follows from the target. */
record Datagram(int sourcePort, InetAddress target, int targetPort, byte[] data) {
}
