package dev.weft.examples.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The UNIX socket at which a node takes commands, for its own user only. One request line and one answer a connection; a virtual
 * thread for each.
 */
final class ControlSocket implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ControlSocket.class);

    /** S_IFMT and S_IFSOCK, inode(7). */
    private static final int FILE_TYPE = 0xf000;
    private static final int SOCKET = 0xc000;

    private final Path path;
    private final ServerSocketChannel server;

    private ControlSocket(Path path, ServerSocketChannel server) {
        this.path = path;
        this.server = server;
    }

    /**
     * Binds the socket; one that a dead node left is replaced, and nothing else.
     *
     * @throws ControlFailure if a node answers there, or the path cannot be used
     */
    static ControlSocket bind(Path path) {
        try {
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                if (!isSocket(path)) {
                    throw new ControlFailure("invalid-spec", path + " is there already and no socket; give another --control");
                }
                if (answers(path)) {
                    throw new ControlFailure("port-in-use", "another node listens at " + path + "; stop it, or give another --control");
                }
                Files.delete(path);
            }
            ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            server.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            return new ControlSocket(path, server);
        } catch (IOException | UnsupportedOperationException e) {
            throw new ControlFailure("invalid-spec", "cannot make the control socket " + path + ": " + e.getMessage()
                    + "; give --control a path of at most 100 bytes in a directory that exists");
        }
    }

    private static boolean isSocket(Path path) throws IOException {
        return ((int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & FILE_TYPE) == SOCKET;
    }

    private static boolean answers(Path path) {
        try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            return probe.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    void serve(NodeOperations operations) {
        Thread.ofVirtual().name("weft-control").start(() -> {
            while (server.isOpen()) {
                try {
                    SocketChannel client = server.accept();
                    Thread.ofVirtual().start(() -> answer(client, operations));
                } catch (IOException e) {
                    if (server.isOpen()) {
                        LOG.warn("control socket {}: {}", path, e.toString());
                    }
                }
            }
        });
    }

    private static void answer(SocketChannel client, NodeOperations operations) {
        try (client) {
            String line = new BufferedReader(new InputStreamReader(Channels.newInputStream(client), StandardCharsets.UTF_8)).readLine();
            ObjectNode answer = ControlClient.JSON.createObjectNode();
            try {
                JsonNode request = ControlClient.JSON.readTree(line == null ? "{}" : line);
                answer.set("result", ControlClient.JSON.valueToTree(operations.perform(request)));
            } catch (IOException | RuntimeException e) {
                ControlFailure failure = ControlFailure.of(e);
                answer.put("code", failure.code()).put("message", failure.text());
            }
            Channels.newOutputStream(client).write((answer + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOG.debug("a client of the control socket went away: {}", e.toString());
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        Files.deleteIfExists(path);
    }
}
