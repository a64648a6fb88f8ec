package dev.weft.mesh.keys;

import java.nio.ByteBuffer;

/** Reads a TLS 1.3 ServerHello (RFC 8446, 4.1.3) off the wire: what was agreed on is said in clear there. */
final class ServerHello {

    private static final int RECORD_HEADER = 5;
    private static final int HANDSHAKE_HEADER = 4;
    private static final int VERSION_AND_RANDOM = 2 + 32;
    private static final int KEY_SHARE = 51;

    private ServerHello() {
    }

    /** @param bytes the server's, from the first one on; its first record is the ServerHello */
    private static ByteBuffer atCipherSuite(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes).position(RECORD_HEADER + HANDSHAKE_HEADER + VERSION_AND_RANDOM);
        int session = Byte.toUnsignedInt(in.get());
        return in.position(in.position() + session);
    }

    static int cipherSuite(byte[] bytes) {
        return Short.toUnsignedInt(atCipherSuite(bytes).getShort());
    }

    static int keyShareGroup(byte[] bytes) {
        ByteBuffer in = atCipherSuite(bytes);
        in.position(in.position() + 2 + 1 + 2);
        while (true) {
            int type = Short.toUnsignedInt(in.getShort());
            int length = Short.toUnsignedInt(in.getShort());
            if (type == KEY_SHARE) {
                return Short.toUnsignedInt(in.getShort());
            }
            in.position(in.position() + length);
        }
    }
}
