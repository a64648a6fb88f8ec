package dev.weft.mesh.dns;

import dev.weft.testing.FreePort;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;

/** A name server of the outside world on a loopback port, UDP and TCP, which answers as a test wants and writes down what it was asked. */
public final class TestUpstream implements AutoCloseable {

    /** What was asked, as {@code udp example.org. A}. */
    public final List<String> asked = new CopyOnWriteArrayList<>();
    private final DatagramSocket udp;
    private final ServerSocket tcp;
    private final Function<Message, Message> answers;

    /** @param answers null: silence. What does not fit into 512 bytes goes truncated by UDP */
    public TestUpstream(Function<Message, Message> answers) throws IOException {
        this.answers = answers;
        tcp = new ServerSocket(FreePort.tcp(), 50, InetAddress.getLoopbackAddress());
        udp = new DatagramSocket(tcp.getLocalPort(), InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::serveUdp);
        Thread.ofVirtual().start(this::serveTcp);
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) udp.getLocalSocketAddress();
    }

    private Message answer(String transport, byte[] wire) throws IOException {
        Message question = new Message(wire);
        asked.add(transport + " " + question.getQuestion().getName() + " " + org.xbill.DNS.Type.string(question.getQuestion().getType()));
        Message answer = answers.apply(question);
        if (answer != null) {
            answer.getHeader().setID(question.getHeader().getID());
            answer.getHeader().setFlag(Flags.QR);
            answer.getHeader().setFlag(Flags.RA);
        }
        return answer;
    }

    private void serveUdp() {
        byte[] buffer = new byte[4096];
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                udp.receive(packet);
                Message answer = answer("udp", Arrays.copyOf(packet.getData(), packet.getLength()));
                if (answer != null) {
                    byte[] wire = answer.toWire(512);
                    udp.send(new DatagramPacket(wire, wire.length, packet.getSocketAddress()));
                }
            }
        } catch (IOException e) {
            requireClosed(e);
        }
    }

    private void serveTcp() {
        try {
            while (true) {
                try (Socket client = tcp.accept()) {
                    DataInputStream in = new DataInputStream(client.getInputStream());
                    byte[] wire = answer("tcp", in.readNBytes(in.readUnsignedShort())).toWire();
                    DataOutputStream out = new DataOutputStream(client.getOutputStream());
                    out.writeShort(wire.length);
                    out.write(wire);
                }
            }
        } catch (IOException e) {
            requireClosed(e);
        }
    }

    private void requireClosed(IOException e) {
        if (!udp.isClosed()) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        udp.close();
        tcp.close();
    }
}
