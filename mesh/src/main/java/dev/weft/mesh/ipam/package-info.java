/** Addresses, MACs, subnets and VNIs that are free, as pure functions of what is taken. */
package dev.weft.mesh.ipam;
