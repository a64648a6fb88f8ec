package dev.weft.examples.agent;

import dev.weft.api.DataPathKind;
import dev.weft.api.Endpoint;
import dev.weft.api.EndpointSpec;
import dev.weft.api.OverlayDatagramChannel;
import dev.weft.api.OverlayNode;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A program with a node of its own: its endpoint in network blue answers each datagram to port 9000 with its name and the client's address, and
 * publishes that port. Arguments: name, data directory, advertise address, data path, manager, token, published port.
 */
public final class PublishedEcho {

    private PublishedEcho() {
    }

    public static void main(String[] arguments) throws InterruptedException {
        String name = arguments[0];
        try (OverlayNode node = OverlayNode.builder().name(name).dataDirectory(Path.of(arguments[1])).advertise(arguments[2])
                .dataPath(DataPathKind.valueOf(arguments[3])).join(arguments[4], arguments[5]);
                Endpoint endpoint = node.network("blue").attach(EndpointSpec.inProcess(name).publish(arguments[6] + ":9000/udp").build());
                OverlayDatagramChannel channel = endpoint.openDatagramChannel(9_000)) {
            System.out.println("ready");
            ByteBuffer question = ByteBuffer.allocate(2_000);
            while (true) {
                InetSocketAddress client = channel.receive(question.clear(), Duration.ofMinutes(1));
                if (client != null) {
                    channel.send(StandardCharsets.US_ASCII.encode(name + " " + client.getAddress().getHostAddress()), client);
                }
            }
        }
    }
}
