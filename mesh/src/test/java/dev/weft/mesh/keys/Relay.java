package dev.weft.mesh.keys;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Stands between a client and a server, and writes down what the server says. */
final class Relay implements AutoCloseable {

    private final ServerSocket server;
    private final InetSocketAddress target;
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    Relay(InetSocketAddress target) throws IOException {
        this.target = target;
        this.server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    InetSocketAddress address() {
        return new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
    }

    byte[] fromServer() {
        synchronized (said) {
            return said.toByteArray();
        }
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Socket onward = new Socket(target.getAddress(), target.getPort());
                Thread.ofVirtual().start(() -> copy(client, onward, false));
                Thread.ofVirtual().start(() -> copy(onward, client, true));
            } catch (IOException e) {
                if (!server.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private void copy(Socket from, Socket to, boolean isServer) {
        try (from; to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] bytes = new byte[16_384];
            for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
                if (isServer) {
                    synchronized (said) {
                        said.write(bytes, 0, length);
                    }
                }
                out.write(bytes, 0, length);
            }
        } catch (IOException e) {
            // one side has ended the connection: so does the other
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
