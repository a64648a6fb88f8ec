package dev.weft.mesh.model;

/** The cluster itself. @param id what join tokens name */
public record ClusterRecord(String id) {
}
