package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.api.PolicyRule;
import dev.weft.api.path.PolicyState;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.IcmpHeader;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.TcpHeader;
import dev.weft.api.wire.UdpHeader;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.service.PolicyFlows;
import dev.weft.dpdk.table.Tables;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Packets between a and b of {@link OverlayFixture} under rules, and a clock of our own. */
class PolicyFlowsTest {

    private static final int A = 0x0a4d000a;
    private static final int B = 0x0a4d000b;
    private static final int IP = EthernetHeader.LENGTH;
    private static final int L4 = IP + Ipv4Header.MIN_LENGTH;
    private static final int SYN = TcpHeader.SYN;
    private static final int ACK = TcpHeader.ACK;

    private final MemorySegment memory = Arena.ofAuto().allocate(256, 8);
    private final Burst burst = new Burst();
    private long seconds;
    private final PolicyFlows flows = new PolicyFlows(1024, () -> TimeUnit.SECONDS.toNanos(seconds));
    private Tables tables;

    @Test
    void shouldLetTheAnswersOfAnAllowedConnectionPassAndNothingElse() {
        rules(PolicyRule.deny("back").from("b").to("a").build());
        assertEquals(PolicyFlows.Outcome.DENIED, tcp(B, A, 80, 1000, SYN | ACK), "an answer to nothing");
        assertEquals(PolicyFlows.Outcome.PASS, tcp(A, B, 1000, 80, SYN));
        assertEquals(PolicyFlows.Outcome.PASS, tcp(B, A, 80, 1000, SYN | ACK));
        assertEquals(PolicyFlows.Outcome.PASS, tcp(A, B, 1000, 80, ACK));
        assertEquals(PolicyFlows.Outcome.DENIED, tcp(B, A, 80, 1001, ACK), "another port");
        assertEquals(PolicyFlows.Outcome.DENIED, tcp(B, A, 81, 1000, SYN));
        seconds += 7200;
        assertEquals(PolicyFlows.Outcome.PASS, tcp(B, A, 80, 1000, ACK), "idle for two hours");
        tcp(A, B, 1000, 80, TcpHeader.RST);
        seconds += 11;
        assertEquals(PolicyFlows.Outcome.DENIED, tcp(B, A, 80, 1000, ACK));
        assertEquals(4L, tables.policy(0).hits().get("back"));
    }

    @Test
    void shouldAskTheRulesAboutOpenFlowsAgain() {
        rules(PolicyRule.deny("other").protocol(PolicyRule.Protocol.UDP).build());
        assertEquals(PolicyFlows.Outcome.PASS, tcp(A, B, 1000, 80, SYN));
        assertEquals(PolicyFlows.Outcome.PASS, tcp(B, A, 80, 1000, SYN | ACK));
        rules(PolicyRule.deny("there").from("a").to("b").build());
        assertEquals(PolicyFlows.Outcome.DENIED, tcp(A, B, 1000, 80, ACK));
        assertEquals(PolicyFlows.Outcome.DENIED, tcp(B, A, 80, 1000, ACK), "its answers, too, though b may begin flows to a");
        rules(PolicyRule.deny("back").from("b").to("a").build());
        assertEquals(PolicyFlows.Outcome.PASS, tcp(A, B, 1000, 80, ACK));
        assertEquals(PolicyFlows.Outcome.PASS, tcp(B, A, 80, 1000, ACK));
    }

    @Test
    void shouldEndAConnectionOfWhichNobodyKnowsWhoBeganIt() {
        rules(PolicyRule.deny("back").from("b").to("a").build());
        assertEquals(PolicyFlows.Outcome.NO_FLOW, tcp(A, B, 1000, 80, ACK));
        assertEquals(PolicyFlows.Outcome.DENIED, tcp(B, A, 80, 1000, ACK));
        rules(PolicyRule.deny("other").from("a").to("a").build());
        assertEquals(PolicyFlows.Outcome.PASS, tcp(A, B, 1000, 80, ACK), "either side might have begun it");
    }

    @Test
    void shouldDecideByTheLeastOrderByProtocolAndByPort() {
        rules(PolicyRule.allow("web").to("b").protocol(PolicyRule.Protocol.TCP).ports(80, 81).build(), PolicyRule.deny("rest").to("b").build());
        assertEquals(PolicyFlows.Outcome.PASS, tcp(A, B, 1000, 80, SYN));
        assertEquals(PolicyFlows.Outcome.PASS, tcp(A, B, 1000, 81, SYN));
        for (int port : new int[] {79, 82, 65_535}) {
            assertEquals(PolicyFlows.Outcome.DENIED, tcp(A, B, 1000, port, SYN));
        }
        assertEquals(PolicyFlows.Outcome.DENIED, udp(A, B, 1000, 80));
        assertEquals(PolicyFlows.Outcome.PASS, udp(B, A, 53, 1000));
        assertEquals(PolicyFlows.Outcome.PASS, udp(A, B, 1000, 53), "an answer");
        assertEquals(Map.of("web", 2L, "rest", 4L), tables.policy(0).hits());
    }

    @Test
    void shouldTakeAnEchoForAFlowAndLetErrorsPass() {
        rules(PolicyRule.deny("ping").to("b").protocol(PolicyRule.Protocol.ICMP).build());
        assertEquals(PolicyFlows.Outcome.DENIED, icmp(A, B, 8, 7));
        assertEquals(PolicyFlows.Outcome.DENIED, icmp(A, B, 0, 7), "an answer to nothing");
        assertEquals(PolicyFlows.Outcome.PASS, icmp(B, A, 8, 7));
        assertEquals(PolicyFlows.Outcome.PASS, icmp(A, B, 0, 7));
        assertEquals(PolicyFlows.Outcome.DENIED, icmp(A, B, 0, 8));
        assertEquals(PolicyFlows.Outcome.PASS, icmp(A, B, 3, 0), "an error about a flow");
    }

    private void rules(PolicyRule... rules) {
        tables = OverlayFixture.withPolicies(List.of(rules).stream()
                .map(rule -> new PolicyState(rule, of(rule.from().text()), of(rule.to().text()))).toList());
    }

    private static Optional<Set<InetAddress>> of(String who) {
        return who.equals("any") ? Optional.empty() : Optional.of(Set.of(InetAddress.ofLiteral(who.equals("a") ? "10.77.0.10" : "10.77.0.11")));
    }

    private PolicyFlows.Outcome tcp(int source, int destination, int sourcePort, int destinationPort, int flags) {
        begin(source, destination, IpProtocol.TCP, TcpHeader.MIN_LENGTH);
        TcpHeader.write(memory, L4, sourcePort, destinationPort, 1, 1, flags);
        return flows.admit(burst, 0, tables.policy(0), flows.now());
    }

    private PolicyFlows.Outcome udp(int source, int destination, int sourcePort, int destinationPort) {
        begin(source, destination, IpProtocol.UDP, UdpHeader.LENGTH);
        UdpHeader.write(memory, L4, sourcePort, destinationPort, UdpHeader.LENGTH);
        return flows.admit(burst, 0, tables.policy(0), flows.now());
    }

    private PolicyFlows.Outcome icmp(int source, int destination, int type, int identifier) {
        begin(source, destination, IpProtocol.ICMPV4, IcmpHeader.LENGTH);
        IcmpHeader.write(memory, L4, type, 0, identifier << 16 | 1);
        return flows.admit(burst, 0, tables.policy(0), flows.now());
    }

    private void begin(int source, int destination, int protocol, int length) {
        ParsedPacket.begin(burst, tables, memory, source, destination, protocol, length);
    }
}
