package dev.weft.mesh.keys;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A TLS connection with a peer that has proved who it is. One virtual thread reads and one writes. Bytes are wiped when they are
 * written or read; what Bouncy Castle copied of them meanwhile is beyond our reach.
 */
final class KeyConnection implements KeyLink {

    private static final Logger LOG = LoggerFactory.getLogger(KeyConnection.class);
    /** More than a peer is ever owed at once; one that takes nothing is cut off. */
    private static final int MOST_WAITING = 256;

    private final String peer;
    private final Socket socket;
    private final SSLSocket tls;
    private final X509Certificate certificate;
    private final boolean outgoing;
    private final BlockingQueue<byte[]> waiting = new LinkedBlockingQueue<>(MOST_WAITING);

    /** @param socket what is under the TLS */
    KeyConnection(String peer, Socket socket, SSLSocket tls, X509Certificate certificate, boolean outgoing) {
        this.peer = peer;
        this.socket = socket;
        this.tls = tls;
        this.certificate = certificate;
        this.outgoing = outgoing;
    }

    String peer() {
        return peer;
    }

    X509Certificate certificate() {
        return certificate;
    }

    Socket socket() {
        return socket;
    }

    /**
     * Talks until the connection ends.
     *
     * @throws KeyProtocolException if the peer breaks the rules
     */
    void run(KeyRing ring) {
        KeySession session = ring.opened(peer, this);
        Thread writer = Thread.ofVirtual().name("weft-keys-to-" + peer).start(this::write);
        try {
            InputStream in = tls.getInputStream();
            for (KeyMessage message = KeyMessageCodec.read(in); message != null; message = KeyMessageCodec.read(in)) {
                ring.received(session, message);
            }
            close("it ended the connection");
        } catch (IOException e) {
            close(e.toString());
        } finally {
            close("it ends");
            ring.closed(session);
            writer.interrupt();
            wipeWaiting();
        }
    }

    private void write() {
        try {
            OutputStream out = tls.getOutputStream();
            while (!socket.isClosed()) {
                byte[] bytes = waiting.take();
                try {
                    out.write(bytes);
                    out.flush();
                } finally {
                    Arrays.fill(bytes, (byte) 0);
                }
            }
        } catch (IOException e) {
            close(e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void wipeWaiting() {
        for (byte[] bytes = waiting.poll(); bytes != null; bytes = waiting.poll()) {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    @Override
    public void send(KeyMessage message) {
        byte[] bytes = KeyMessageCodec.encode(message);
        if (!waiting.offer(bytes)) {
            Arrays.fill(bytes, (byte) 0);
            close("it takes nothing");
        }
    }

    /** The socket under the TLS: a farewell could block. */
    @Override
    public void close(String why) {
        if (socket.isClosed()) {
            return;
        }
        LOG.debug("keys: connection with node {} ends: {}", peer, why);
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("keys: {}", e.toString());
        }
    }

    @Override
    public boolean isOutgoing() {
        return outgoing;
    }
}
