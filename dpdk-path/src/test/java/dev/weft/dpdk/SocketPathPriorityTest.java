package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.FrameChannel;
import dev.weft.api.MacAddress;
import dev.weft.api.PipelineSpec;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.SubnetState;
import dev.weft.testing.FreePort;
import dev.weft.testing.Packet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The nice value of a poller between two endpoints in this process, as /proc has it; they need CAP_SYS_NICE. */
@Tag("privileged")
class SocketPathPriorityTest {

    private static final InetAddress VTEP = InetAddress.ofLiteral("127.0.0.7");
    private static final LocalEndpoint FROM = endpoint("from", 0x0257_0000_0002L, "10.9.0.2");
    private static final LocalEndpoint TO = endpoint("to", 0x0257_0000_0003L, "10.9.0.3");
    /** 1,400 bytes of IPv4 with a TCP header in which nothing but ACK is set; checksums are not looked at between endpoints of one node. */
    private static final MemorySegment HEADERS = Packet.of("025700000003 025700000002 0800 45000578000040004006216a0a0900020a090003"
            + "82350050 01020304 01020304 5010faf0 00000000");
    private static final int LENGTH = 14 + 1400;
    private static final int BURST = 48;
    private static final int RAISED = -10;
    /** Field 19 of proc_pid_stat(5), the 17th behind the name. */
    private static final int BEFORE_NICE = 16;

    private static LocalEndpoint endpoint(String name, long mac, String address) {
        return new LocalEndpoint(new EndpointId(256, name), new MacAddress(mac), List.of(InetAddress.ofLiteral(address)), new Attachment.InProcess());
    }

    private static DataPath open(PipelineSpec pipeline) {
        DataPath path = new SocketDataPathProvider().open(new DataPathConfig("priority", VTEP, FreePort.udp(), Optional.empty(), Optional.empty(),
                pipeline));
        assertEquals(Map.of(), path.apply(new DataPathState(1, List.of(new NetworkState("blue", 256, 1450, NetworkState.gatewayMacOf(256),
                List.of(new SubnetState(Cidr.parse("10.9.0.0/24"), InetAddress.ofLiteral("10.9.0.1"))), List.of(FROM, TO), List.of(), List.of())))));
        return path;
    }

    /** @return how many arrived */
    private static int carry(FrameChannel from, FrameChannel to) {
        for (int i = 0; i < BURST && from.tryClaim(LENGTH); i++) {
            MemorySegment.copy(HEADERS, 0, from.memory(), from.offset(), HEADERS.byteSize());
            from.commit();
        }
        Thread.yield();
        return to.poll((_, _, _) -> { }, 2 * BURST);
    }

    private static long deadline() {
        return System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    }

    private static int niceOfPoller() throws IOException {
        try (var tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path task : tasks) {
                String stat = Files.readString(task.resolve("stat"));
                if (stat.contains("(weft-priority)")) {
                    return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[BEFORE_NICE]);
                }
            }
        }
        throw new AssertionError("no poller");
    }

    @Test
    void shouldGoBeforeOthersWhileItCarriesTcpInBulkAndNoLonger() throws Exception {
        try (DataPath path = open(PipelineSpec.DEFAULT)) {
            int before = niceOfPoller();
            long deadline = deadline();
            while (niceOfPoller() != RAISED) {
                carry(path.frames(FROM.id()), path.frames(TO.id()));
                assertTrue(System.nanoTime() - deadline < 0, "it is not raised");
            }
            while (niceOfPoller() != before) {
                assertTrue(System.nanoTime() - deadline < 0, "it stays raised");
                Thread.onSpinWait();
            }
        }
    }

    /** Longer than the warm-up of those that do. */
    private static void assertThatItIsNeverRaised(PipelineSpec pipeline) throws IOException {
        try (DataPath path = open(pipeline)) {
            int before = niceOfPoller();
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(4);
            int carried = 0;
            while (System.nanoTime() - end < 0) {
                carried += carry(path.frames(FROM.id()), path.frames(TO.id()));
                assertEquals(before, niceOfPoller());
            }
            assertTrue(carried > 200 * BURST, "only " + carried + " frames arrive");
        }
    }

    @Test
    void shouldLeaveTheNiceValueAloneWhenToldSo() throws Exception {
        assertThatItIsNeverRaised(PipelineSpec.DEFAULT.withStreamPriority(false));
    }

    /** One that spins for ever would leave who shares its core nothing. */
    @Test
    void shouldLeaveTheNiceValueAloneOfAPollerThatSpins() throws Exception {
        assertThatItIsNeverRaised(new PipelineSpec(0, true));
    }
}
