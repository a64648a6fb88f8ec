package dev.weft.api;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What encrypts a network: AES in Galois/Counter Mode with a 16-byte ICV, as ESP uses it (RFC 4106). */
public enum Cipher {
    AES_128_GCM(16),
    AES_256_GCM(32);

    private final int keyBytes;

    Cipher(int keyBytes) {
        this.keyBytes = keyBytes;
    }

    /** Bytes of a key, without the salt. */
    public int keyBytes() {
        return keyBytes;
    }

    /** {@code aes-128-gcm}, say: how tools take and print it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** @throws WeftException.InvalidSpec if there is no cipher of that label */
    public static Cipher parse(String label) {
        Optional<Cipher> found = Stream.of(values()).filter(cipher -> cipher.label().equals(label)).findFirst();
        return found.orElseThrow(() -> new WeftException.InvalidSpec("cipher '" + label + "' is unknown; take one of "
                + Stream.of(values()).map(Cipher::label).toList()));
    }
}
