package dev.weft.mesh.enrol;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * One message on the management port, inside TLS: its kind in one byte, the length of its body in four (network byte order), and
 * the body, a record as JSON. One request and one answer make a connection.
 */
@SuppressWarnings("ArrayRecordComponent")
record Frame(int kind, byte[] body) {

    static final int ENROL = 1;
    static final int RENEW = 2;
    static final int ATTACH = 3;
    static final int DETACH = 4;
    static final int DONE = 128;
    static final int REFUSED = 129;
    /** A certificate request has less than 1 kB, an endpoint a few, and an answer a few certificates and addresses. */
    static final int MAX_BODY = 65_536;

    /** @throws IOException if it ends early or is too long */
    static Frame read(DataInputStream in) throws IOException {
        int kind = in.readUnsignedByte();
        int length = in.readInt();
        if (length < 0 || length > MAX_BODY) {
            throw new IOException("a message of " + Integer.toUnsignedString(length) + " bytes; at most " + MAX_BODY + " are allowed");
        }
        byte[] body = new byte[length];
        in.readFully(body);
        return new Frame(kind, body);
    }

    void write(DataOutputStream out) throws IOException {
        out.writeByte(kind);
        out.writeInt(body.length);
        out.write(body);
        out.flush();
    }
}
