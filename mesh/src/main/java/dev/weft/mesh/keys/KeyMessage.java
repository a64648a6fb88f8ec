package dev.weft.mesh.keys;

import dev.weft.api.Cipher;
import dev.weft.api.path.SecurityAssociation;
import java.util.UUID;

/** What two nodes say to each other about their keys, inside TLS. {@link KeyMessageCodec} has the bytes. */
sealed interface KeyMessage {

    /**
     * The first of each side.
     *
     * @param version     the latest that the side speaks
     * @param incarnation drawn at each start of a process: keys that were given to another incarnation are never given again
     */
    record Hello(int version, UUID incarnation) implements KeyMessage {
    }

    /** To be answered at once. */
    record Ping() implements KeyMessage {
    }

    /** The answer. @param asOf how many messages had come from the peer on this connection */
    record Pong(long asOf) implements KeyMessage {
    }

    /** Asks for an SA later than that generation; 0: for any. */
    record Need(Cipher cipher, long generation) implements KeyMessage {
    }

    /** The sender seals with the SA of that generation, and with none before it. */
    record Have(Cipher cipher, long generation) implements KeyMessage {
    }

    /**
     * An SA that its receiver has drawn and can open packets of.
     *
     * @param generation counts the SAs that a process drew for this peer and cipher, from 1
     * @param life       milliseconds for which it may be used, from the moment when the peer sent its message number {@code asOf}
     * @param asOf       how many messages had come from the peer on this connection
     */
    record Offer(Cipher cipher, long generation, SecurityAssociation association, long life, long asOf) implements KeyMessage {
    }
}
