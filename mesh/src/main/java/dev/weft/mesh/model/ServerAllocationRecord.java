package dev.weft.mesh.model;

/** The number that the next manager's server gets. It only grows: a server's number is never another one's. */
public record ServerAllocationRecord(int next) {
}
