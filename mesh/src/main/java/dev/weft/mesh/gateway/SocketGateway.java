package dev.weft.mesh.gateway;

import dev.weft.api.path.Gateway;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.UdpHeader;
import dev.weft.mesh.dns.NameServer;
import dev.weft.mesh.schedule.AcceptPause;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves one network's gateway over sockets that the data path made at its addresses; a virtual thread for each socket. */
final class SocketGateway implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SocketGateway.class);
    /** Questions are short; what is longer is cut off, and malformed then. */
    private static final int LARGEST_QUESTION = 4_096;
    /** RFC 7766, 6.2.3. */
    private static final int IDLE_MILLIS = 30_000;
    /** Longer than the forwarder tries. */
    private static final long ANSWER_SECONDS = 10;
    private static final int MAX_CONNECTIONS = 256;
    private static final int MAX_OF_ONE_PEER = 16;

    private final int vni;
    private final int mtu;
    private final NameServer server;
    private final List<Channel> sockets = new ArrayList<>();
    private final Map<SocketChannel, InetAddress> connections = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** Opens the sockets; when one cannot be opened, none stays. */
    SocketGateway(int vni, int mtu, List<InetAddress> addresses, Gateway.Sockets gateway, NameServer server) {
        this.vni = vni;
        this.mtu = mtu;
        this.server = server;
        try {
            for (InetAddress address : addresses) {
                DatagramChannel datagrams = gateway.datagrams(address, Gateway.NAMES);
                sockets.add(datagrams);
                ServerSocketChannel listener = gateway.connections(address, Gateway.NAMES);
                sockets.add(listener);
                Thread.ofVirtual().name("weft-names-udp").start(() -> serve(datagrams, room(address)));
                Thread.ofVirtual().name("weft-names-tcp").start(() -> serve(listener));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** So that no answer is fragmented. */
    private int room(InetAddress address) {
        return mtu - UdpHeader.LENGTH - (address instanceof Inet4Address ? Ipv4Header.MIN_LENGTH : Ipv6Header.LENGTH);
    }

    private void serve(DatagramChannel datagrams, int room) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(LARGEST_QUESTION);
        while (!closed) {
            try {
                SocketAddress from = datagrams.receive(buffer.clear());
                byte[] question = new byte[buffer.flip().remaining()];
                buffer.get(question);
                server.ask(vni, question, room, answer -> send(datagrams, answer, from));
            } catch (IOException e) {
                if (!closed) {
                    LOG.error("the gateway of VNI {} answers no more questions by UDP", vni, e);
                }
                return;
            } catch (RuntimeException e) {
                LOG.error("a question to the gateway of VNI {} failed unexpectedly", vni, e);
            }
        }
    }

    private static void send(DatagramChannel datagrams, byte[] answer, SocketAddress to) {
        try {
            datagrams.send(ByteBuffer.wrap(answer), to);
        } catch (IOException e) {
            LOG.debug("an answer to {} was not sent: {}", to, e.toString());
        }
    }

    private void serve(ServerSocketChannel listener) {
        while (!closed) {
            try {
                SocketChannel connection = listener.accept();
                if (hasRoom(connection)) {
                    Thread.ofVirtual().name("weft-names-connection").start(() -> serve(connection));
                } else {
                    connection.close();
                }
            } catch (IOException e) {
                if (!listener.isOpen()) {
                    return;
                }
                LOG.warn("the gateway of VNI {} could not take a connection: {}", vni, e.toString());
                AcceptPause.take();
            }
        }
    }

    private boolean hasRoom(SocketChannel connection) throws IOException {
        InetAddress peer = ((InetSocketAddress) connection.getRemoteAddress()).getAddress();
        boolean room = connections.size() < MAX_CONNECTIONS
                && connections.values().stream().filter(peer::equals).count() < MAX_OF_ONE_PEER;
        if (room) {
            connections.put(connection, peer);
        }
        return room;
    }

    /** Question and answer in turn: so a client that reads nothing holds up this thread and no other. */
    private void serve(SocketChannel connection) {
        try (connection) {
            connection.socket().setSoTimeout(IDLE_MILLIS);
            DataInputStream in = new DataInputStream(connection.socket().getInputStream());
            OutputStream out = connection.socket().getOutputStream();
            while (!closed) {
                byte[] question = in.readNBytes(in.readUnsignedShort());
                BlockingQueue<byte[]> answers = new ArrayBlockingQueue<>(1);
                server.ask(vni, question, NameServer.TCP_ROOM, answers::offer);
                byte[] answer = answers.poll(ANSWER_SECONDS, TimeUnit.SECONDS);
                if (answer == null) {
                    return;
                }
                out.write(ByteBuffer.allocate(Short.BYTES + answer.length).putShort((short) answer.length).put(answer).array());
            }
        } catch (IOException e) {
            LOG.debug("a connection to the gateway of VNI {} ended: {}", vni, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            connections.remove(connection);
        }
    }

    /** Closes all sockets; their threads end then. Idempotent. */
    @Override
    public void close() {
        closed = true;
        sockets.forEach(SocketGateway::close);
        connections.keySet().forEach(SocketGateway::close);
    }

    private static void close(Channel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("a socket of a gateway did not close cleanly", e);
        }
    }
}
