package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.mesh.pki.NodeCredentials;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who begins a handshake at a control port and hangs up is counted for that, and not for a TLS that is too old. */
class HungUpHandshakeTest {

    /** Longer than a record's header (5 bytes), and shorter than any ClientHello. */
    private static final int PART = 40;
    private static final int PATIENCE_MS = 60_000;

    @TempDir
    private Path directory;

    /** What the ports would take. */
    private static byte[] clientHello() throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine();
        engine.setUseClientMode(true);
        engine.setSSLParameters(new SSLParameters(NodeCredentials.cipherSuites(), new String[] {NodeCredentials.PROTOCOL}));
        ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), record);
        return Arrays.copyOf(record.array(), record.position());
    }

    private static void sayAndHangUp(int port, byte[] bytes) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(PATIENCE_MS);
            socket.getOutputStream().write(bytes);
            socket.shutdownOutput();
            socket.getInputStream().readAllBytes();
        } catch (SocketException reset) {
            assertEquals("Connection reset", reset.getMessage());
        }
    }

    private static void hearTheAnswerAndReset(int port, byte[] hello) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(PATIENCE_MS);
            socket.getOutputStream().write(hello);
            socket.getInputStream().readNBytes(PART);
            socket.setSoLinger(true, 0);
        }
    }

    @Test
    void shouldCountThoseWhoHangUpInTheMiddleOfAHandshake() throws Exception {
        byte[] hello = clientHello();
        try (RefusingManager manager = new RefusingManager(directory)) {
            for (int port : List.of(manager.ports.management(), manager.ports.store(), manager.ports.quorum(), manager.ports.election(),
                    manager.ports.node())) {
                sayAndHangUp(port, new byte[0]);
                sayAndHangUp(port, Arrays.copyOf(hello, PART));
                sayAndHangUp(port, hello);
                hearTheAnswerAndReset(port, hello);
            }
            List<String> ports = List.of("management", "store", "node");
            ports.forEach(port -> manager.awaitRefused(port, "silent", 1));
            ports.forEach(port -> manager.awaitRefused(port, "hung-up", 3));
            manager.awaitRefused("quorum", "silent", 2);
            manager.awaitRefused("quorum", "hung-up", 6);
            assertEquals(List.of(4L, 4L, 8L, 4L), Stream.of("management", "store", "quorum", "node").map(manager::refused).toList());
            manager.assertServes("blue");
        }
    }
}
