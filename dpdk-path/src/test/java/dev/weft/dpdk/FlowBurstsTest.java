package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.PolicyRule;
import dev.weft.api.counter.DropReason;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.PolicyState;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.TcpHeader;
import dev.weft.api.wire.UdpHeader;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.service.FlowTable;
import dev.weft.dpdk.service.PolicyFlows;
import dev.weft.dpdk.service.VipFlows;
import dev.weft.dpdk.stage.InnerParse;
import dev.weft.dpdk.stage.Policy;
import dev.weft.dpdk.stage.VipDispatch;
import dev.weft.dpdk.stage.VipReturn;
import dev.weft.dpdk.table.Tables;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Whole bursts, among so many flows that look-ups are prefetched: each packet meets what the one before it has left. */
class FlowBurstsTest {

    private static final int CLIENT = 0x0a4d000a;
    private static final int VIP = 0x0a4d00c8;
    private static final int BACKEND = 0x0a4d000b;
    private static final long BACKEND_MAC = 0x0200_0000_4d0bL;
    private static final long GATEWAY_MAC = NetworkState.gatewayMacOf(OverlayFixture.VNI).value();
    private static final int IP = EthernetHeader.LENGTH;
    private static final int L4 = IP + Ipv4Header.MIN_LENGTH;
    private static final int SLOT = 128;
    private static final int BURST = Burst.CAPACITY;
    private static final int CAPACITY = 1 << 16;
    /** Client ports of UDP flows, each to two ports of the VIP. */
    private static final int FIRST_PORT = 1024;
    private static final int PORTS = FlowTable.WORTH_PREFETCHING;
    private static final int DNS = 53;
    private static final int OTHER = 54;

    private final MemorySegment memory = Arena.ofAuto().allocate(SLOT * BURST, 8);
    private final Burst burst = new Burst();
    private Tables tables = OverlayFixture.tables();
    private long seconds;
    private final VipFlows flows = new VipFlows(CAPACITY, () -> TimeUnit.SECONDS.toNanos(seconds));
    private final VipDispatch dispatch = new VipDispatch(flows);
    private final InnerParse parse = new InnerParse();
    private final VipReturn back = new VipReturn(flows);

    private void fillWithUdpFlows() {
        for (int port : new int[] {DNS, OTHER}) {
            for (int client = FIRST_PORT; client < FIRST_PORT + PORTS; client += BURST) {
                begin();
                for (int i = 0; i < BURST; i++) {
                    udp(CLIENT, VIP, client + i, port);
                }
                parsed(dispatch);
                for (int i = 0; i < BURST; i++) {
                    assertTrue(isTranslated(i), "client port " + (client + i));
                }
            }
        }
    }

    @Test
    void shouldFindAConnectionThatAnEarlierPacketOfTheBurstBegan() {
        fillWithUdpFlows();
        begin();
        tcp(VIP, 1000, TcpHeader.ACK);
        tcp(VIP, 1000, TcpHeader.SYN);
        tcp(VIP, 1000, TcpHeader.ACK);
        tcp(VIP, 1001, TcpHeader.ACK);
        parsed(dispatch);
        assertTrue(burst.isSend(0), "a RST: it was not there yet");
        assertTrue(isTranslated(1));
        assertTrue(isTranslated(2));
        assertTrue(burst.isSend(3), "a RST: it is another one");
    }

    @Test
    void shouldGiveAnswersOfABurstTheVipAndLeaveOthersAsTheyAre() {
        fillWithUdpFlows();
        begin();
        for (int i = 0; i < BURST; i++) {
            udp(BACKEND, CLIENT, i % 2 == 0 ? DNS : 55, FIRST_PORT + 200 * i);
        }
        parsed(back);
        for (int i = 0; i < BURST; i++) {
            assertEquals(i % 2 == 0 ? VIP : BACKEND, Ipv4Header.source(memory, burst.offset[i] + IP), "slot " + i);
        }
    }

    @Test
    void shouldForgetFlowsThatHaveExpired() {
        fillWithUdpFlows();
        seconds = 300;
        begin();
        udp(BACKEND, CLIENT, DNS, FIRST_PORT);
        udp(BACKEND, CLIENT, DNS, FIRST_PORT + 1);
        parsed(back);
        assertEquals(BACKEND, Ipv4Header.source(memory, burst.offset[0] + IP));
        assertEquals(BACKEND, Ipv4Header.source(memory, burst.offset[1] + IP));
    }

    @Test
    void shouldPassByWhatIsNotForAGateway() {
        fillWithUdpFlows();
        begin();
        udp(CLIENT, VIP, FIRST_PORT, DNS);
        EthernetHeader.destination(memory, burst.offset[0], BACKEND_MAC);
        udp(CLIENT, VIP, FIRST_PORT, DNS);
        burst.drop(1, DropReason.SPOOFED);
        udp(CLIENT, VIP, FIRST_PORT, DNS);
        parsed(dispatch);
        assertEquals(VIP, Ipv4Header.destination(memory, burst.offset[0] + IP));
        assertEquals(VIP, Ipv4Header.destination(memory, burst.offset[1] + IP));
        assertTrue(isTranslated(2));
    }

    @Test
    void shouldLetPassWhatBelongsToAFlowThatTheBurstBegan() {
        tables = OverlayFixture.withPolicies(List.of(new PolicyState(PolicyRule.deny("back").from("b").to("a").build(), of("10.77.0.11"),
                of("10.77.0.10"))));
        PolicyFlows policies = new PolicyFlows(CAPACITY, () -> 0);
        Policy outbound = Policy.outbound(policies);
        for (int client = 0; client < 2 * PORTS; client += BURST) {
            begin();
            for (int i = 0; i < BURST; i++) {
                udp(CLIENT, BACKEND, client + i, DNS);
            }
            parsed(outbound);
        }
        begin();
        tcp(BACKEND, 1000, TcpHeader.SYN);
        tcp(BACKEND, 1000, TcpHeader.ACK);
        udp(BACKEND, CLIENT, DNS, FIRST_PORT);
        udp(BACKEND, CLIENT, OTHER, FIRST_PORT);
        parsed(outbound);
        assertTrue(burst.isOpen(0));
        assertTrue(burst.isOpen(1));
        assertTrue(burst.isOpen(2), "an answer");
        assertEquals(DropReason.POLICY.ordinal(), burst.reason(3));
    }

    private static Optional<Set<InetAddress>> of(String address) {
        return Optional.of(Set.of(InetAddress.ofLiteral(address)));
    }

    private void parsed(Stage stage) {
        parse.process(burst);
        stage.process(burst);
    }

    private void begin() {
        burst.begin(tables, memory, OverlayFixture.ENDPOINT);
    }

    private boolean isTranslated(int i) {
        return (burst.dispatched & 1L << i) != 0 && Ipv4Header.destination(memory, burst.offset[i] + IP) == BACKEND;
    }

    private void tcp(int destination, int port, int flags) {
        TcpHeader.write(memory, add(CLIENT, destination, IpProtocol.TCP, TcpHeader.MIN_LENGTH), port, 80, 1, 1, flags);
    }

    private void udp(int source, int destination, int sourcePort, int destinationPort) {
        UdpHeader.write(memory, add(source, destination, IpProtocol.UDP, UdpHeader.LENGTH), sourcePort, destinationPort, UdpHeader.LENGTH);
    }

    /** @return where its transport header goes */
    private long add(int source, int destination, int protocol, int length) {
        long frame = (long) burst.count * SLOT;
        EthernetHeader.write(memory, frame, GATEWAY_MAC, 2, EthernetHeader.ETHER_TYPE_IPV4);
        Ipv4Header.write(memory, frame + IP, Ipv4Header.MIN_LENGTH + length, 0, 0, 64, protocol, source, destination);
        int i = burst.add(0, frame, L4 + length);
        burst.network[i] = 0;
        return frame + L4;
    }
}
