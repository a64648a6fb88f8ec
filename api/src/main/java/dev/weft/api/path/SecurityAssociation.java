package dev.weft.api.path;

/**
 * One direction of one encrypted node pair. ESN and a 16-byte ICV always; the replay window and the sequence number are the
 * data path's.
 *
 * @param spi   drawn by the receiver, unique there; 256 to 2^32 - 1 as an unsigned int (RFC 4303, section 2.1)
 * @param limit after so much the sender's data path sends nothing more with it; whoever makes keys replaces it long before
 */
public record SecurityAssociation(int spi, SaKey key, SaLimit limit) {

    /** With {@link SaLimit#DEFAULT}. */
    public SecurityAssociation(int spi, SaKey key) {
        this(spi, key, SaLimit.DEFAULT);
    }
}
