package dev.weft.mesh.keys;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** What comes from a caller, and whether it hung up: TLS says of that no more than that the handshake failed. One thread at a time. */
final class HeardInput extends FilterInputStream {

    private boolean spoken;
    private boolean ended;

    HeardInput(InputStream in) {
        super(in);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        try {
            int count = super.read(bytes, offset, length);
            spoken |= count > 0;
            ended |= count < 0;
            return count;
        } catch (IOException e) {
            ended = true;
            throw e;
        }
    }

    /** Whether a byte has come. */
    boolean hasSpoken() {
        return spoken;
    }

    /** Whether nothing will come any more. */
    boolean hasEnded() {
        return ended;
    }
}
