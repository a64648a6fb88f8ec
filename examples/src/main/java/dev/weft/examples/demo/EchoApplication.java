package dev.weft.examples.demo;

import dev.weft.api.DataPathKind;
import dev.weft.api.Endpoint;
import dev.weft.api.EndpointSpec;
import dev.weft.api.OverlayDatagramChannel;
import dev.weft.api.OverlayNode;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;

/** An application with an endpoint of its own, no interface and no privilege: it answers every datagram at port 7. */
public final class EchoApplication {

    private static final int ECHO_PORT = 7;

    private EchoApplication() {
    }

    /** Arguments: data directory, own address, manager, token, network. Ends when stdin does. */
    public static void main(String[] arguments) throws Exception {
        try (OverlayNode node = OverlayNode.builder().name("c").dataDirectory(Path.of(arguments[0])).advertise(arguments[1])
                        .dataPath(DataPathKind.SOCKET).join(arguments[2], arguments[3]);
                Endpoint endpoint = node.network(arguments[4]).attach(EndpointSpec.inProcess("echo").build());
                OverlayDatagramChannel channel = endpoint.openDatagramChannel(ECHO_PORT)) {
            Thread.ofPlatform().daemon().start(() -> echo(channel));
            System.out.println("ready " + endpoint.info().addresses().getFirst().getHostAddress());
            System.in.transferTo(java.io.OutputStream.nullOutputStream());
        }
    }

    private static void echo(OverlayDatagramChannel channel) {
        ByteBuffer datagram = ByteBuffer.allocate(2048);
        try {
            while (true) {
                datagram.clear();
                InetSocketAddress sender = channel.receive(datagram, Duration.ofSeconds(1));
                if (sender != null) {
                    channel.send(datagram.flip(), sender);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
