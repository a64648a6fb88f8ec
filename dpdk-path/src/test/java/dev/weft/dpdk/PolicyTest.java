package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.PolicyRule;
import dev.weft.api.counter.DropReason;
import dev.weft.api.path.PolicyState;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.TcpHeader;
import dev.weft.api.wire.UdpHeader;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.service.PolicyFlows;
import dev.weft.dpdk.stage.Policy;
import dev.weft.dpdk.table.Tables;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What becomes of packets between a, which is here, and b, which is behind 192.0.2.2, of {@link OverlayFixture}, in either direction. */
class PolicyTest {

    private static final int A = 0x0a4d000a;
    private static final int B = 0x0a4d000b;
    private static final int STRANGER = 0x0a4d0063;
    private static final long B_MAC = 0x0200_0000_4d0bL;
    private static final int IP = EthernetHeader.LENGTH;
    private static final int L4 = IP + Ipv4Header.MIN_LENGTH;
    private static final PolicyRule NOTHING_TO_B = PolicyRule.deny("to-b").from("any").to("b").build();
    private static final PolicyRule NOTHING_TO_A = PolicyRule.deny("to-a").from("any").to("a").build();

    private final MemorySegment memory = Arena.ofAuto().allocate(256, 8);
    private final Burst burst = new Burst();
    private final PolicyFlows flows = new PolicyFlows(1024, () -> 0);
    private final Policy outbound = Policy.outbound(flows);
    private final Policy inbound = Policy.inbound(flows);

    private static Tables rules(PolicyRule... rules) {
        return OverlayFixture.withPolicies(List.of(rules).stream()
                .map(rule -> new PolicyState(rule, of(rule.from().text()), of(rule.to().text()))).toList());
    }

    private static Optional<Set<InetAddress>> of(String who) {
        return who.equals("any") ? Optional.empty() : Optional.of(Set.of(InetAddress.ofLiteral(who.equals("a") ? "10.77.0.10" : "10.77.0.11")));
    }

    private void tcp(Tables tables, int source, int destination, int flags) {
        ParsedPacket.begin(burst, tables, memory, source, destination, IpProtocol.TCP, TcpHeader.MIN_LENGTH);
        TcpHeader.write(memory, L4, 1000, 80, 1, 1, flags);
    }

    private void udp(Tables tables, int source, int destination) {
        ParsedPacket.begin(burst, tables, memory, source, destination, IpProtocol.UDP, UdpHeader.LENGTH);
        UdpHeader.write(memory, L4, 1000, 80, UdpHeader.LENGTH);
    }

    /** It came by the tunnel from where b is. */
    private void fromB(Tables tables) {
        burst.peer[0] = tables.remoteVtep(0, B_MAC);
        assertTrue(burst.peer[0] != Burst.NONE);
    }

    private void assertDropped(DropReason why, String what) {
        assertEquals(0, burst.sends(), what);
        assertFalse(burst.isOpen(0), what);
        assertEquals(why.ordinal(), burst.reason(0), what);
    }

    @Test
    void shouldLookAtNothingInANetworkWithoutRules() {
        udp(OverlayFixture.tables(), A, B);
        outbound.process(burst);
        assertTrue(burst.isOpen(0));
        udp(OverlayFixture.tables(), STRANGER, A);
        inbound.process(burst);
        assertTrue(burst.isOpen(0), "not even where it comes from");
    }

    @Test
    void shouldDropWhatIsDeniedAtEitherNode() {
        udp(rules(NOTHING_TO_B), A, B);
        outbound.process(burst);
        assertDropped(DropReason.POLICY, "at the sender's");
        Tables tables = rules(NOTHING_TO_A);
        udp(tables, B, A);
        fromB(tables);
        inbound.process(burst);
        assertDropped(DropReason.POLICY, "at the receiver's");
    }

    @Test
    void shouldLetPassWhatIsAllowedAndWhatHasNoAddresses() {
        Tables tables = rules(NOTHING_TO_B);
        udp(tables, B, A);
        fromB(tables);
        inbound.process(burst);
        assertTrue(burst.isOpen(0));
        udp(tables, A, B);
        burst.protocol[0] = Burst.NONE; // ARP
        outbound.process(burst);
        assertTrue(burst.isOpen(0));
    }

    /** One flow table for both directions: b may ask a, and a's answers pass though a may not ask b. */
    @Test
    void shouldLetAnswersOutToWhatCameIn() {
        Tables tables = rules(NOTHING_TO_B);
        ParsedPacket.begin(burst, tables, memory, B, A, IpProtocol.UDP, UdpHeader.LENGTH);
        UdpHeader.write(memory, L4, 80, 1000, UdpHeader.LENGTH);
        fromB(tables);
        inbound.process(burst);
        udp(tables, A, B);
        outbound.process(burst);
        assertTrue(burst.isOpen(0));
    }

    @Test
    void shouldDropWhatComesFromAnotherVtepThanItsAddress() {
        Tables tables = rules(NOTHING_TO_B);
        udp(tables, B, A);
        burst.peer[0] = tables.remoteVtep(0, B_MAC) + 1;
        inbound.process(burst);
        assertDropped(DropReason.SPOOFED, "b's address from elsewhere");
        udp(tables, A, A);
        fromB(tables);
        inbound.process(burst);
        assertDropped(DropReason.SPOOFED, "an address of this node from outside");
        udp(tables, STRANGER, A);
        fromB(tables);
        inbound.process(burst);
        assertTrue(burst.isOpen(0), "an address that nobody has");
    }

    @Test
    void shouldResetAConnectionOfItsOwnEndpointThatItHasNotSeenBegin() {
        Tables tables = rules(NOTHING_TO_A);
        tcp(tables, A, B, TcpHeader.ACK);
        outbound.process(burst);
        assertEquals(1, burst.sends());
        assertEquals(OverlayFixture.ENDPOINT, burst.outPort[0], "back to where it came from");
        assertEquals(TcpHeader.RST, TcpHeader.flags(memory, L4) & TcpHeader.RST);
        tcp(tables, A, B, TcpHeader.RST);
        outbound.process(burst);
        assertDropped(DropReason.POLICY, "a reset is not answered");
    }

    @Test
    void shouldOnlyDropAConnectionOfOthersThatItHasNotSeenBegin() {
        Tables tables = rules(NOTHING_TO_B);
        tcp(tables, B, A, TcpHeader.ACK);
        fromB(tables);
        inbound.process(burst);
        assertDropped(DropReason.POLICY, "its own node tells it");
    }
}
