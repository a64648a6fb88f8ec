package dev.weft.api;

import java.net.InetAddress;

/**
 * A node as the cluster knows it.
 *
 * @param id        given at its first start, 16 hexadecimal digits, kept in its data directory
 * @param advertise control address
 * @param vtep      data-path address
 * @param live      whether its session with the cluster store is alive
 * @param drained   whether it takes no new endpoints, and services choose none of those it has
 */
public record NodeInfo(String id, String name, NodeRole role, InetAddress advertise, InetAddress vtep, DataPathKind dataPath, boolean live,
                       boolean drained) {
}
