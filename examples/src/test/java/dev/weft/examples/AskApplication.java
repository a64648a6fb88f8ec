package dev.weft.examples;

import dev.weft.api.DataPathKind;
import dev.weft.api.Endpoint;
import dev.weft.api.EndpointSpec;
import dev.weft.api.NetworkSpec;
import dev.weft.api.NodeRole;
import dev.weft.api.OverlayDatagramChannel;
import dev.weft.api.OverlayNetwork;
import dev.weft.api.OverlayNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;

/** Begins a cluster, prints a token, reads an overlay address, and asks there. Arguments: data directory, own address. */
public final class AskApplication {

    private static final int TIMES = 100;

    private AskApplication() {
    }

    public static void main(String[] arguments) throws Exception {
        try (OverlayNode node = OverlayNode.builder().name("first").dataDirectory(Path.of(arguments[0])).advertise(arguments[1])
                .dataPath(DataPathKind.AUTO).init()) {
            OverlayNetwork network = OverlayNetwork.create(node, NetworkSpec.named("blue").subnet("10.88.0.0/24").build());
            System.out.println(node.dataPath().chosen() + " " + node.token(NodeRole.WORKER));
            String peer = new BufferedReader(new InputStreamReader(System.in)).readLine();
            try (Endpoint endpoint = network.attach(EndpointSpec.inProcess("ask").build());
                    OverlayDatagramChannel channel = endpoint.openDatagramChannel(0)) {
                System.out.println("answered " + ask(channel, new InetSocketAddress(InetAddress.ofLiteral(peer), 7)));
            }
        }
    }

    /** The other node may hear of this endpoint a moment after attach has returned here, and drops what it sends until then. */
    private static void awaitFirstAnswer(OverlayDatagramChannel channel, InetSocketAddress peer) throws InterruptedException {
        ByteBuffer answer = ByteBuffer.allocate(2048);
        do {
            channel.send(ByteBuffer.allocate(1), peer);
        } while (channel.receive(answer, Duration.ofSeconds(1)) == null);
        while (channel.receive(answer.clear(), Duration.ofSeconds(1)) != null) {
            continue; // answers that were late
        }
    }

    /** @return how many of the questions came back as they were */
    private static int ask(OverlayDatagramChannel channel, InetSocketAddress peer) throws InterruptedException {
        awaitFirstAnswer(channel, peer);
        int answered = 0;
        for (int i = 0; i < TIMES; i++) {
            ByteBuffer question = ByteBuffer.allocate(1 + i * 14).put(0, (byte) i);
            channel.send(question.duplicate(), peer);
            ByteBuffer answer = ByteBuffer.allocate(2048);
            if (channel.receive(answer, Duration.ofSeconds(60)) != null && answer.flip().equals(question)) {
                answered++;
            }
        }
        return answered;
    }
}
