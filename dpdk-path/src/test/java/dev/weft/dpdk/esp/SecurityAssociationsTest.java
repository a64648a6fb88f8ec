package dev.weft.dpdk.esp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cipher;
import dev.weft.api.path.PeerSecurity;
import dev.weft.api.path.SaKey;
import dev.weft.api.path.SaLimit;
import dev.weft.api.path.SecurityAssociation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SecurityAssociationsTest {

    private static final InetAddress FIRST = InetAddress.ofLiteral("192.0.2.2");
    private static final InetAddress SECOND = InetAddress.ofLiteral("192.0.2.3");

    private final SecurityAssociations associations = new SecurityAssociations(GcmEngines.open("sunjce"), 2);
    private final SaKey key = new SaKey(Cipher.AES_128_GCM, new byte[20]);
    private final SecurityAssociation sa = new SecurityAssociation(0x1000, key, new SaLimit(100, 1000));

    private static PeerSecurity sending(InetAddress peer, SecurityAssociation with) {
        return new PeerSecurity(peer, Cipher.AES_128_GCM, false, List.of(), Optional.of(with));
    }

    private OutboundSa install(PeerSecurity peer) {
        OutboundSa installed = associations.install(List.of(peer)).getFirst().outbound().orElseThrow();
        associations.forgetRemoved();
        return installed;
    }

    @Test
    void shouldKeepTheStateOfAnSaThatStays() {
        OutboundSa before = install(sending(FIRST, sa));
        assertEquals(1, before.next(10));
        assertSame(before, install(sending(FIRST, sa)));
        assertEquals(2, before.next(10));
        assertNotSame(before.key(0), before.key(1), "each thread has its own");
    }

    @Test
    void shouldGoOnBehindTheLastNumberWithAKeyThatComesBack() {
        OutboundSa before = install(sending(FIRST, sa));
        for (int i = 0; i < 5; i++) {
            before.next(100);
        }
        associations.install(List.of());
        associations.forgetRemoved();
        assertThrows(IllegalStateException.class, () -> before.key(0).seal(Arena.ofAuto().allocate(64), 0, 12, 12, 16, 6), "its key is overwritten");
        OutboundSa after = install(sending(FIRST, sa));
        assertNotSame(before, after);
        assertEquals(6, after.next(500));
        assertEquals(OutboundSa.SPENT, after.next(1), "bytes count as numbers do");
        after.tell();
        assertEquals(6, after.sequence());
    }

    @Test
    void shouldTellOfAllThatWasDrawnSinceItLastTold() {
        OutboundSa drawing = install(sending(FIRST, sa));
        drawing.next(100);
        drawing.next(50);
        assertEquals(0, drawing.packets(), "not told yet");
        drawing.tell();
        drawing.tell();
        drawing.next(7);
        drawing.tell();
        assertEquals(3, drawing.packets());
        assertEquals(157, drawing.bytes());
        assertEquals(3, drawing.sequence());
    }

    @Test
    void shouldNotSendWithAKeyThatAnotherOneSendsWith() {
        List<InstalledPeer> both = associations.install(List.of(sending(FIRST, sa), sending(SECOND, sa)));
        assertTrue(both.get(0).outbound().isPresent());
        assertTrue(both.get(1).outbound().isEmpty());
        assertTrue(associations.install(List.of(sending(SECOND, sa))).getFirst().outbound().isEmpty(), "the first may be under way still");
        associations.forgetRemoved();
        assertTrue(associations.install(List.of(sending(SECOND, sa))).getFirst().outbound().isPresent());
    }

    /** As when the packet path did not take the tables without it: nobody knows then what it still sends. */
    @Test
    void shouldTakeUpTheSameStateWhenAnSaComesBackBeforeItIsForgotten() {
        PeerSecurity peer = new PeerSecurity(FIRST, Cipher.AES_128_GCM, false, List.of(sa), Optional.of(sa));
        InstalledPeer before = associations.install(List.of(peer)).getFirst();
        OutboundSa sealing = before.outbound().orElseThrow();
        sealing.next(10);
        before.inbound().getFirst().window().take(7);
        associations.install(List.of());
        sealing.next(10);
        assertTrue(associations.install(List.of(sending(SECOND, sa))).getFirst().outbound().isEmpty(), "the first may be under way still");
        InstalledPeer after = associations.install(List.of(peer)).getFirst();
        assertSame(sealing, after.outbound().orElseThrow(), "one key, one sequence");
        assertEquals(3, after.outbound().orElseThrow().next(10));
        assertFalse(after.inbound().getFirst().window().isNew(7), "what was there stays refused");
        associations.forgetRemoved();
        MemorySegment memory = Arena.ofAuto().allocate(64);
        after.outbound().orElseThrow().key(0).seal(memory, 0, 12, 12, 16, 3);
        assertTrue(memory.get(ValueLayout.JAVA_LONG, 16) != 0, "its key is not overwritten");
    }

    @Test
    void shouldLeaveOutAKeyThatWasWiped() {
        key.wipe();
        PeerSecurity peer = new PeerSecurity(FIRST, Cipher.AES_128_GCM, false, List.of(sa), Optional.of(sa));
        InstalledPeer installed = associations.install(List.of(peer)).getFirst();
        assertEquals(List.of(), installed.inbound());
        assertEquals(Optional.empty(), installed.outbound());
        assertEquals(List.of(), associations.usage());
    }

    @Test
    void shouldSendNothingMoreWhenNobodyKnowsWhatWasSent() {
        key.sent(Long.MAX_VALUE);
        assertEquals(OutboundSa.SPENT, install(sending(FIRST, sa)).next(1));
    }

    @Test
    void shouldHandBackTheSameWhenItIsHandedTheSame() {
        List<PeerSecurity> peers = List.of(sending(FIRST, sa));
        assertSame(associations.install(peers), associations.install(peers));
        MemorySegment memory = Arena.ofAuto().allocate(64);
        associations.install(peers).getFirst().outbound().orElseThrow().key(1).seal(memory, 0, 12, 12, 16, 1);
        assertTrue(memory.get(ValueLayout.JAVA_LONG, 16) != 0);
    }
}
