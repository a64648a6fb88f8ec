package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.Cipher;
import dev.weft.api.Endpoint;
import dev.weft.api.EndpointSpec;
import dev.weft.api.MacAddress;
import dev.weft.api.NetworkSpec;
import dev.weft.api.OverlayNetwork;
import dev.weft.api.WeftException;
import dev.weft.api.path.PeerSecurity;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Encrypted networks as the cluster and its nodes see them, on data paths that only write down. */
class EncryptedNetworkTest {

    @TempDir
    private Path directory;
    private MemoryNodes nodes;
    private WeftNode one;
    private WeftNode two;

    @BeforeEach
    void startNodes() {
        nodes = new MemoryNodes(directory);
        nodes.path("one").clearOnly = Optional.empty();
        nodes.path("two").clearOnly = Optional.empty();
        one = nodes.start("one");
        two = nodes.start("two");
    }

    @AfterEach
    void closeNodes() {
        nodes.close();
    }

    private OverlayNetwork red() {
        return one.createNetwork(NetworkSpec.named("red").encrypted(Cipher.AES_256_GCM).build());
    }

    private static Endpoint attach(WeftNode node, String network, String name) {
        return node.network(network).attach(EndpointSpec.networkNamespace(name, "ns-" + name, "eth0").build());
    }

    @Test
    void shouldSayHowItIsEncryptedAndLeaveRoomForThat() {
        assertEquals(Optional.of(Cipher.AES_256_GCM), red().info().encryption());
        assertEquals(Optional.of(Cipher.AES_256_GCM), two.network("red").info().encryption());
        assertEquals(1408, two.network("red").info().mtu());
    }

    @Test
    void shouldRefuseAtTheNodeThatCannotEncryptAndSayWhy() {
        nodes.path("two").clearOnly = Optional.of("the kernel lacks ESP; load esp4");
        red();
        WeftException refused = assertThrows(WeftException.EncryptionUnavailable.class, () -> attach(two, "red", "b"));
        assertTrue(refused.getMessage().contains("'red'") && refused.getMessage().contains("load esp4"), refused.getMessage());
        assertEquals("encryption-unavailable", refused.code());
        assertEquals(List.of(), one.network("red").endpoints());
        assertEquals("a", attach(one, "red", "a").info().name());
    }

    @Test
    void shouldRefuseAMemberThatNoKeysCanBeAgreedOnWith() {
        red();
        EndpointSpec outside = EndpointSpec.external("x", Cidr.parseAddress("198.51.100.1"), MacAddress.parse("02:00:00:00:00:09"))
                .address("10.0.0.9").build();
        assertTrue(outside.attachment() instanceof Attachment.External);
        assertThrows(WeftException.InvalidSpec.class, () -> one.network("red").attach(outside));
        assertEquals(List.of(), one.network("red").endpoints());
    }

    @Test
    void shouldRefuseAnMtuThatLeavesNoRoomForEspInUdp() {
        one.createNetwork(NetworkSpec.named("wide").encrypted(Cipher.AES_128_GCM).mtu(1409).build());
        String message = assertThrows(WeftException.InvalidSpec.class, () -> attach(one, "wide", "a")).getMessage();
        assertTrue(message.contains("1408"), message);
    }

    @Test
    void shouldGiveItsDataPathAnSaToReceiveWithAsSoonAsANetworkIsShared() {
        red();
        attach(one, "red", "a");
        assertEquals(List.of(), nodes.path("one").last().peers(), "it is alone");
        attach(two, "red", "b");
        Await.until("an SA for the other", () -> nodes.path("one").last().peers().stream().anyMatch(peer -> peer.inbound().size() == 1));
        PeerSecurity peer = nodes.path("one").last().peers().getFirst();
        assertEquals(List.of(Cidr.parseAddress("192.0.2.2"), Cipher.AES_256_GCM, true, Optional.empty()),
                List.of(peer.vtep(), peer.cipher(), peer.udp(), peer.outbound()), "nobody has told it what to send with");
        assertEquals(Optional.of(Cipher.AES_256_GCM), nodes.path("one").last().networks().getFirst().encryption());
    }

    @Test
    void shouldRotateKeysOfEncryptedNetworksOnly() {
        one.createNetwork(NetworkSpec.named("blue").build());
        assertThrows(WeftException.InvalidSpec.class, () -> one.network("blue").rotateKeys());
        red().rotateKeys();
        assertEquals(List.of(), one.keys());
        assertThrows(WeftException.ManagerRequired.class, () -> two.network("red").rotateKeys());
    }
}
