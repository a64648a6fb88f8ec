package dev.weft.examples;

import dev.weft.api.Endpoint;
import dev.weft.api.EndpointSpec;
import dev.weft.api.NetworkSpec;
import dev.weft.api.OverlayNetwork;
import dev.weft.api.OverlayNode;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Duration;

/** The README's program: one node, two endpoints in this JVM, a datagram between them. */
public final class TwentyLines {

    private TwentyLines() {
    }

    public static void main(String[] arguments) throws Exception {
        try (OverlayNode node = OverlayNode.builder().name("one").advertise("127.0.0.1")
                .dataDirectory(Files.createTempDirectory("weft")).init()) {
            OverlayNetwork blue = OverlayNetwork.create(node, NetworkSpec.named("blue").subnet("10.0.1.0/24").build());
            Endpoint alice = blue.attach(EndpointSpec.inProcess("alice").build());
            Endpoint bob = blue.attach(EndpointSpec.inProcess("bob").build());
            try (var from = alice.openDatagramChannel(0); var to = bob.openDatagramChannel(9000)) {
                from.send(ByteBuffer.wrap("hello".getBytes()), new InetSocketAddress(bob.info().addresses().getFirst(), 9000));
                ByteBuffer received = ByteBuffer.allocate(1500);
                InetSocketAddress sender = to.receive(received, Duration.ofSeconds(5));
                System.out.println(sender + " says " + new String(received.array(), 0, received.position()));
            }
        }
    }
}
