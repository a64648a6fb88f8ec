package dev.weft.mesh.model;

/** Something that only managers can open. */
@SuppressWarnings("ArrayRecordComponent")
public record SealedRecord(byte[] box) {
}
