/**
 * Packet headers as static flyweights: accessors over (segment, offset) with the names of the RFCs. No accessor checks a
 * bound that its header's one length check has covered; multi-byte fields are big-endian on the wire.
 */
package dev.weft.api.wire;
