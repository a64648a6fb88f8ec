package dev.weft.benchmarks;

import dev.weft.api.Cidr;
import dev.weft.api.MacAddress;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.path.SubnetState;
import dev.weft.api.wire.AddressBits;
import dev.weft.dpdk.table.OverlayAddresses;
import dev.weft.dpdk.table.Tables;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Nanoseconds for what a packet looks up, among so many endpoints, each as likely as any other. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "-XX:+UseSerialGC")
public class TableLookupBenchmark {

    private static final int VNI = 77;
    private static final int VTEPS = 100;
    private static final int ASKED = 1 << 16;
    private static final long FIRST_MAC = 0x0242_0a00_0000L;
    private static final int FIRST_ADDRESS = 0x0a00_0002;

    @Param({"1000", "100000"})
    private int endpoints;

    private final long[] macs = new long[ASKED];
    private final long[] addresses = new long[ASKED];
    private Tables tables;

    @Setup
    public void fill() {
        List<RemoteEndpoint> remotes = new ArrayList<>();
        for (int i = 0; i < endpoints; i++) {
            remotes.add(new RemoteEndpoint(new EndpointId(VNI, "e" + i), new MacAddress(FIRST_MAC + i), List.of(ipv4(FIRST_ADDRESS + i)),
                    ipv4(0xc000_0200 + i % VTEPS)));
        }
        tables = Tables.of(new DataPathState(1, List.of(new NetworkState("blue", VNI, 1450, NetworkState.gatewayMacOf(VNI),
                List.of(new SubnetState(Cidr.parse("10.0.0.0/8"), ipv4(FIRST_ADDRESS - 1))), List.of(), remotes, List.of()))));
        Random random = new Random(16);
        for (int i = 0; i < ASKED; i++) {
            int which = random.nextInt(endpoints);
            macs[i] = FIRST_MAC + which;
            addresses[i] = AddressBits.lowOfIpv4(FIRST_ADDRESS + which);
        }
    }

    private static InetAddress ipv4(int bits) {
        return InetAddress.ofLiteral((bits >>> 24) + "." + (bits >> 16 & 255) + "." + (bits >> 8 & 255) + "." + (bits & 255));
    }

    /** The FDB: network and MAC to VTEP. */
    @Benchmark
    @OperationsPerInvocation(ASKED)
    public int vtepByMac() {
        int sum = 0;
        for (long mac : macs) {
            sum += tables.remoteVtep(0, mac);
        }
        return sum;
    }

    /** ARP and ND: network and address to MAC. */
    @Benchmark
    @OperationsPerInvocation(ASKED)
    public long macByAddress() {
        OverlayAddresses found = tables.addresses();
        long sum = 0;
        for (long address : addresses) {
            sum += found.mac(found.find(0, 0, address));
        }
        return sum;
    }

    /** A MAC that nobody has. */
    @Benchmark
    @OperationsPerInvocation(ASKED)
    public int noVtepByMac() {
        int sum = 0;
        for (long mac : macs) {
            sum += tables.remoteVtep(0, mac + 0x0100_0000_0000L);
        }
        return sum;
    }
}
