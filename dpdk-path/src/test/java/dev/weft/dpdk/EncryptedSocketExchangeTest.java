package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cipher;
import dev.weft.api.counter.DropReason;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.PeerSecurity;
import dev.weft.api.path.SaKey;
import dev.weft.api.path.SaLimit;
import dev.weft.api.path.SaUsage;
import dev.weft.api.path.SecurityAssociation;
import dev.weft.testing.Packet;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The same exchange in ESP, and what is refused. */
class EncryptedSocketExchangeTest extends SocketExchangeContract {

    private static final int TO_RIGHT = 0x1000;
    private static final int TO_LEFT = 0x2000;

    private SecurityAssociation toRight = sa(TO_RIGHT, 1, SaLimit.DEFAULT);
    private SecurityAssociation toLeft = sa(TO_LEFT, 2, SaLimit.DEFAULT);

    private static SecurityAssociation sa(int spi, int fill, SaLimit limit) {
        byte[] key = new byte[36];
        Arrays.fill(key, (byte) fill);
        return new SecurityAssociation(spi, new SaKey(Cipher.AES_256_GCM, key), limit);
    }

    @Override
    protected Optional<Cipher> cipher() {
        return Optional.of(Cipher.AES_256_GCM);
    }

    @Override
    protected List<PeerSecurity> peersOf(InetAddress vtep) {
        return List.of(vtep.equals(LEFT_VTEP) ? new PeerSecurity(RIGHT_VTEP, Cipher.AES_256_GCM, true, List.of(toLeft), Optional.of(toRight))
                : new PeerSecurity(LEFT_VTEP, Cipher.AES_256_GCM, true, List.of(toRight), Optional.of(toLeft)));
    }

    private void applyLeft(int epoch, List<PeerSecurity> peers) {
        assertEquals(Map.of(), left.apply(new DataPathState(epoch, List.of(network(256, List.of(LEFT.local()), List.of(RIGHT.remote(RIGHT_VTEP)))),
                peers)));
    }

    private static SaUsage usage(DataPath path, boolean outbound) {
        List<SaUsage> all = path.saUsage().stream().filter(each -> each.outbound() == outbound).toList();
        assertEquals(1, all.size());
        return all.getFirst();
    }

    @Test
    void shouldSayHowMuchEachSaIsUsed() {
        send(left.frames(LEFT.id()), LEFT, RIGHT, 100);
        assertReceives(right.frames(RIGHT.id()), 100);
        // Inner packet 128, Ethernet 14, VXLAN 8, UDP 8: 158, and a trailer of 2.
        assertEquals(new SaUsage(RIGHT_VTEP, TO_RIGHT, true, 1, 160, 1), usage(left, true));
        assertEquals(new SaUsage(LEFT_VTEP, TO_RIGHT, false, 1, 160, 1), usage(right, false));
        assertEquals(new SaUsage(RIGHT_VTEP, TO_LEFT, false, 0, 0, 0), usage(left, false));
        assertTrue(left.properties().stream().anyMatch(property -> property.startsWith("esp=")), left.properties().toString());
    }

    @Test
    void shouldSendNothingWithoutAnSaAndGoOnBehindTheLastNumberWithIt() {
        send(left.frames(LEFT.id()), LEFT, RIGHT, 100);
        assertReceives(right.frames(RIGHT.id()), 100);
        await(() -> left.counters().value("uplink", "tx-packets") == 1); // counted when it was sent, and then the other side may have it
        applyLeft(2, List.of());
        send(left.frames(LEFT.id()), LEFT, RIGHT, 101);
        await(() -> left.counters().dropped(DropReason.NO_SA) == 1);
        assertEquals(1, left.counters().value("uplink", "tx-packets"));
        assertEquals(List.of(), left.saUsage());
        applyLeft(3, peersOf(LEFT_VTEP));
        send(left.frames(LEFT.id()), LEFT, RIGHT, 102);
        assertReceives(right.frames(RIGHT.id()), 102);
        assertEquals(2, usage(left, true).sequence());
    }

    @Test
    void shouldSendNothingBeyondTheLimitOfAnSa() {
        toRight = sa(TO_RIGHT + 1, 3, new SaLimit(3, Long.MAX_VALUE));
        applyLeft(2, peersOf(LEFT_VTEP));
        for (int i = 0; i < 5; i++) {
            send(left.frames(LEFT.id()), LEFT, RIGHT, 100);
        }
        await(() -> left.counters().dropped(DropReason.NO_SA) == 2);
        assertEquals(3, usage(left, true).packets());
        // The same key once more, and with another number: nothing is left of it.
        applyLeft(3, List.of());
        applyLeft(4, peersOf(LEFT_VTEP));
        send(left.frames(LEFT.id()), LEFT, RIGHT, 100);
        await(() -> left.counters().dropped(DropReason.NO_SA) == 3);
        toRight = sa(TO_RIGHT + 2, 4, new SaLimit(Long.MAX_VALUE, 500));
        applyLeft(5, peersOf(LEFT_VTEP));
        for (int i = 0; i < 5; i++) {
            send(left.frames(LEFT.id()), LEFT, RIGHT, 100);
        }
        await(() -> left.counters().dropped(DropReason.NO_SA) == 5);
        assertEquals(480, usage(left, true).bytes());
    }

    @Test
    void shouldTakeTheOldKeyAndTheNewOneDuringARekey() {
        SecurityAssociation old = toRight;
        toRight = sa(TO_RIGHT + 1, 3, SaLimit.DEFAULT);
        right.apply(new DataPathState(2, List.of(network(256, List.of(RIGHT.local()), List.of(LEFT.remote(LEFT_VTEP)))),
                List.of(new PeerSecurity(LEFT_VTEP, Cipher.AES_256_GCM, true, List.of(old, toRight), Optional.of(toLeft)))));
        send(left.frames(LEFT.id()), LEFT, RIGHT, 100);
        assertReceives(right.frames(RIGHT.id()), 100);
        applyLeft(2, peersOf(LEFT_VTEP));
        send(left.frames(LEFT.id()), LEFT, RIGHT, 101);
        assertReceives(right.frames(RIGHT.id()), 101);
        assertEquals(List.of(1L, 1L), right.saUsage().stream().filter(each -> !each.outbound()).map(SaUsage::packets).toList());
    }

    @Test
    void shouldRefuseVxlanInClearAndForgedEsp() throws IOException {
        String frame = "025700000002" + "025700000001" + "0800" + "45000020000000004011a6c70a0900020a0900030fa01388000c0000deadbeef";
        try (DatagramSocket peer = new DatagramSocket(new InetSocketAddress(LEFT_VTEP, 0))) {
            send(peer, overlayPort, "0800000000010000" + frame);
            await(() -> right.counters().dropped(DropReason.CLEAR_TEXT) == 1);
            send(peer, espPort, "00001000" + "00000001" + "0000000000000001" + "00".repeat(64));
            await(() -> right.counters().dropped(DropReason.ICV_MISMATCH) == 1);
            send(peer, espPort, "00001001" + "00000001" + "0000000000000001" + "00".repeat(64));
            await(() -> right.counters().dropped(DropReason.UNKNOWN_SPI) == 1);
            send(peer, espPort, "00001000" + "00000000" + "0000000000000001" + "00".repeat(64));
            await(() -> right.counters().dropped(DropReason.REPLAYED) == 1);
            send(peer, espPort, "00000000" + "00".repeat(64));
            await(() -> right.counters().dropped(DropReason.NOT_FOR_US) == 1);
            send(peer, espPort, "ff");
            await(() -> right.counters().dropped(DropReason.CONSUMED) == 1);
            send(peer, espPort, "00001000" + "00000001" + "0000000000000001" + "00".repeat(65));
            await(() -> right.counters().dropped(DropReason.MALFORMED) == 1);
            send(peer, espPort, "00001000" + "00000001" + "0000000000000001" + "00".repeat(16));
            await(() -> right.counters().dropped(DropReason.TRUNCATED) == 1);
        }
        assertEquals(0, usage(right, false).sequence(), "no window has moved");
        assertEquals(0, right.counters().value("endpoint:right@256", "tx-packets"));
    }

    private void send(DatagramSocket from, int port, String hex) throws IOException {
        byte[] bytes = Packet.bytes(hex);
        from.send(new DatagramPacket(bytes, bytes.length, new InetSocketAddress(RIGHT_VTEP, port)));
    }
}
