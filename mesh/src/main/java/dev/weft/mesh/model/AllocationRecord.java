package dev.weft.mesh.model;

/**
 * Where the search for a free VNI goes on, so that the VNI of a removed network is not given to the next one. Replaced with
 * every network that is made, which makes networks one at a time.
 */
public record AllocationRecord(int nextVni) {
}
