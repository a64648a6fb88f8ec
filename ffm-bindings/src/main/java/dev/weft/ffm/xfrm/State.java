package dev.weft.ffm.xfrm;

import dev.weft.api.path.SaKey;
import java.util.OptionalInt;

/**
 * An SA as it is installed: ESP in transport mode, AES-GCM with an ICV of 16 bytes, ESN, a replay window of 4,096.
 *
 * @param udpPort  ESP in UDP from and to that port (RFC 3948); empty: protocol 50
 * @param sent     the sequence number that went out last; 0 for a fresh key
 * @param received none up to this sequence number is taken
 * @param packets  after so many the kernel drops what it would send, and the SA; -1: no limit
 * @param bytes    likewise
 * @param seconds  after so many, used or not, the kernel removes it; -1: no limit
 */
public record State(StateId id, SaKey key, OptionalInt udpPort, long sent, long received, long packets, long bytes, long seconds) {
}
