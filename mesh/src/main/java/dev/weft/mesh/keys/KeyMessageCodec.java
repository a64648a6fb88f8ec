package dev.weft.mesh.keys;

import dev.weft.api.Cipher;
import dev.weft.api.path.SaKey;
import dev.weft.api.path.SecurityAssociation;
import dev.weft.mesh.keys.KeyMessage.Have;
import dev.weft.mesh.keys.KeyMessage.Hello;
import dev.weft.mesh.keys.KeyMessage.Need;
import dev.weft.mesh.keys.KeyMessage.Offer;
import dev.weft.mesh.keys.KeyMessage.Ping;
import dev.weft.mesh.keys.KeyMessage.Pong;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.UUID;

/**
 * The bytes of key messages. A message is its length in 16 bits (of what follows), a type in 8 bits, and fields that have no padding
 * between them; all numbers are big-endian and
 * unsigned, those of 64 bits below 2^63.
 *
 * <pre>
 *   1 HELLO   version 16   incarnation 128
 *   2 PING
 *   3 PONG    as of 64
 *   4 NEED    cipher 32    generation 64
 *   5 HAVE    cipher 32    generation 64
 *   6 OFFER   cipher 32    generation 64    spi 32    life 64    as of 64    key 128 or 256    salt 32
 * </pre>
 *
 * A cipher is IKEv2's transform 20 (AES-GCM with a 16-byte ICV) in 16 bits and the length of its key in bits in 16 (RFC 7296, 3.3.5).
 */
final class KeyMessageCodec {

    private static final int HELLO = 1;
    private static final int PING = 2;
    private static final int PONG = 3;
    private static final int NEED = 4;
    private static final int HAVE = 5;
    private static final int OFFER = 6;

    private static final int AES_GCM_16 = 20;
    private static final int TYPE_BYTES = 1;
    private static final int HELLO_BYTES = TYPE_BYTES + 2 + 16;
    private static final int PONG_BYTES = TYPE_BYTES + 8;
    private static final int GENERATION_BYTES = TYPE_BYTES + 4 + 8;
    private static final int OFFER_HEADER_BYTES = GENERATION_BYTES + 4 + 8 + 8;
    private static final int MAX_BYTES = OFFER_HEADER_BYTES + 32 + SaKey.SALT_BYTES;
    /** RFC 4303, section 2.1. */
    private static final int FIRST_SPI = 256;

    private KeyMessageCodec() {
    }

    /** @return the caller wipes it when it is sent */
    static byte[] encode(KeyMessage message) {
        return switch (message) {
            case Hello hello -> frame(HELLO, HELLO_BYTES).putShort((short) hello.version())
                    .putLong(hello.incarnation().getMostSignificantBits()).putLong(hello.incarnation().getLeastSignificantBits()).array();
            case Ping _ -> frame(PING, TYPE_BYTES).array();
            case Pong pong -> frame(PONG, PONG_BYTES).putLong(pong.asOf()).array();
            case Need need -> frame(NEED, GENERATION_BYTES).putInt(transform(need.cipher())).putLong(need.generation()).array();
            case Have have -> frame(HAVE, GENERATION_BYTES).putInt(transform(have.cipher())).putLong(have.generation()).array();
            case Offer offer -> encode(offer);
        };
    }

    private static ByteBuffer frame(int type, int length) {
        return ByteBuffer.allocate(2 + length).putShort((short) length).put((byte) type);
    }

    private static int transform(Cipher cipher) {
        return AES_GCM_16 << 16 | cipher.keyBytes() * 8;
    }

    private static byte[] encode(Offer offer) {
        SaKey key = offer.association().key();
        byte[] bytes = frame(OFFER, OFFER_HEADER_BYTES + key.length()).putInt(transform(offer.cipher())).putLong(offer.generation())
                .putInt(offer.association().spi()).putLong(offer.life()).putLong(offer.asOf()).array();
        key.copyTo(MemorySegment.ofArray(bytes).asSlice(bytes.length - key.length()));
        return bytes;
    }

    /**
     * Reads one message, and wipes what it was read into.
     *
     * @return null at the end, between two messages
     * @throws KeyProtocolException if the bytes are no message
     * @throws EOFException         if they end within one
     */
    static KeyMessage read(InputStream in) throws IOException {
        int first = in.read();
        if (first < 0) {
            return null;
        }
        DataInputStream data = new DataInputStream(in);
        int length = first << 8 | data.readUnsignedByte();
        if (length < TYPE_BYTES || length > MAX_BYTES) {
            throw new KeyProtocolException("a message of " + length + " bytes; they have 1 to " + MAX_BYTES);
        }
        byte[] bytes = new byte[length];
        try {
            data.readFully(bytes);
            return decode(ByteBuffer.wrap(bytes));
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static KeyMessage decode(ByteBuffer in) {
        int type = in.get();
        return switch (type) {
            case HELLO -> hello(requireLength(in, HELLO_BYTES));
            case PING -> {
                requireLength(in, TYPE_BYTES);
                yield new Ping();
            }
            case PONG -> new Pong(number(requireLength(in, PONG_BYTES)));
            case NEED -> new Need(cipher(requireLength(in, GENERATION_BYTES)), number(in));
            case HAVE -> new Have(cipher(requireLength(in, GENERATION_BYTES)), number(in));
            case OFFER -> offer(in);
            default -> throw new KeyProtocolException("a message of type " + type);
        };
    }

    private static ByteBuffer requireLength(ByteBuffer in, int length) {
        if (in.limit() != length) {
            throw new KeyProtocolException("a message of type " + in.get(0) + " with " + in.limit() + " bytes instead of " + length);
        }
        return in;
    }

    private static Hello hello(ByteBuffer in) {
        int version = Short.toUnsignedInt(in.getShort());
        if (version < 1) {
            throw new KeyProtocolException("version " + version);
        }
        return new Hello(version, new UUID(in.getLong(), in.getLong()));
    }

    private static Cipher cipher(ByteBuffer in) {
        int transform = in.getInt();
        for (Cipher cipher : Cipher.values()) {
            if (transform(cipher) == transform) {
                return cipher;
            }
        }
        throw new KeyProtocolException("cipher 0x" + Integer.toHexString(transform));
    }

    private static long number(ByteBuffer in) {
        long number = in.getLong();
        if (number < 0) {
            throw new KeyProtocolException("a number of more than 63 bits");
        }
        return number;
    }

    private static Offer offer(ByteBuffer in) {
        if (in.limit() < OFFER_HEADER_BYTES) {
            throw new KeyProtocolException("an offer of " + in.limit() + " bytes");
        }
        Cipher cipher = cipher(in);
        requireLength(in, OFFER_HEADER_BYTES + cipher.keyBytes() + SaKey.SALT_BYTES);
        long generation = number(in);
        int spi = in.getInt();
        long life = number(in);
        long asOf = number(in);
        if (generation == 0 || Integer.compareUnsigned(spi, FIRST_SPI) < 0) {
            throw new KeyProtocolException("an offer of generation " + generation + " and SPI 0x" + Integer.toHexString(spi));
        }
        byte[] keyAndSalt = new byte[in.remaining()];
        in.get(keyAndSalt);
        try {
            return new Offer(cipher, generation, new SecurityAssociation(spi, new SaKey(cipher, keyAndSalt)), life, asOf);
        } finally {
            Arrays.fill(keyAndSalt, (byte) 0);
        }
    }
}
