package dev.weft.mesh.keys;

/** A peer said something that it must not say; its connection ends. The message says what. */
final class KeyProtocolException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    KeyProtocolException(String message) {
        super(message);
    }
}
