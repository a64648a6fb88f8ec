/** The names of a node's networks, and those of others by way of the host's name servers. */
package dev.weft.mesh.dns;
