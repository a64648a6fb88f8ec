package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.api.Cipher;
import dev.weft.api.PipelineSpec;
import dev.weft.api.counter.DropReason;
import dev.weft.api.path.SaLimit;
import dev.weft.api.path.SecurityAssociation;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Node 1 seals, node 2 opens, and in between the test is the network. */
abstract class EspPair {

    final SecurityAssociation sa = EspPackets.sa(EspPackets.SPI, Cipher.AES_128_GCM, SaLimit.DEFAULT);
    final EspNode sender = new EspNode(1, PipelineSpec.DEFAULT);
    final EspNode receiver = new EspNode(2, PipelineSpec.DEFAULT);

    @BeforeEach
    void open() {
        sender.apply(EspPackets.sender(sa, false));
        receiver.apply(EspPackets.receiver(EspPackets.sa(EspPackets.SPI, Cipher.AES_128_GCM, SaLimit.DEFAULT)));
        sender.hear(2);
    }

    @AfterEach
    void close() {
        sender.close();
        receiver.close();
    }

    /** Frames of that many datagrams as they leave node 1. */
    List<byte[]> sealed(int count, int payload) {
        sender.uplink.sent.clear();
        for (int i = 0; i < count; i++) {
            sender.say(2, payload);
        }
        sender.run();
        return List.copyOf(sender.uplink.sent);
    }

    void receive(byte[]... frames) {
        receiver.uplink.incoming.addAll(List.of(frames));
        receiver.run();
    }

    void assertRefused(DropReason reason, long times) {
        assertEquals(times, receiver.dropped(reason), reason.toString());
        assertEquals(0, receiver.endpoint.sent.size());
        assertEquals(0, receiver.usage(EspPackets.SPI).sequence(), "no window has moved");
    }
}
