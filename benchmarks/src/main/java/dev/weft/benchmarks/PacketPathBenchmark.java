package dev.weft.benchmarks;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.Cipher;
import dev.weft.api.MacAddress;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.PeerSecurity;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.path.SaKey;
import dev.weft.api.path.SaLimit;
import dev.weft.api.path.SecurityAssociation;
import dev.weft.api.path.SubnetState;
import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.UdpHeader;
import dev.weft.dpdk.esp.GcmEngines;
import dev.weft.dpdk.esp.InstalledPeer;
import dev.weft.dpdk.esp.SecurityAssociations;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.port.EthPort;
import dev.weft.dpdk.port.MbufPool;
import dev.weft.dpdk.port.Ports;
import dev.weft.dpdk.service.PolicyFlows;
import dev.weft.dpdk.service.VipFlows;
import dev.weft.dpdk.stage.EspSeal;
import dev.weft.dpdk.stage.NextHop;
import dev.weft.dpdk.stage.OverlayStages;
import dev.weft.dpdk.stage.SaSelect;
import dev.weft.dpdk.stage.Transmit;
import dev.weft.dpdk.stage.VxlanEncap;
import dev.weft.dpdk.table.Tables;
import dev.weft.dpdk.underlay.NextHopTable;
import dev.weft.dpdk.underlay.OuterHeaders;
import dev.weft.dpdk.underlay.RouteTable;
import dev.weft.dpdk.underlay.Underlay;
import dev.weft.dpdk.underlay.VtepOwner;
import dev.weft.ffm.dpdk.Eal;
import dev.weft.ffm.dpdk.EthDev;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Nanoseconds for one packet of a burst of 64, on net_null, or on the NIC whose PCI address {@code -Dweft.pci} gives. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 3, jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC"})
public class PacketPathBenchmark {

    private static final int ENDPOINT = Ports.FIRST_ENDPOINT;
    private static final int VNI = 77;
    private static final long MAC_A = 0x0200_0000_4d0aL;
    private static final long MAC_B = 0x0200_0000_4d0bL;
    private static final InetAddress OWN = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress OTHER = InetAddress.ofLiteral("192.0.2.2");

    /** Bytes of the inner frame. */
    @Param({"64", "1400"})
    private int size;

    private final Burst burst = new Burst();
    private final long[] buffers = new long[Burst.CAPACITY];
    private final int[] slots = new int[Burst.CAPACITY];
    private MbufPool pool;
    private EthPort port;
    private Ports ports;
    private Tables tables;
    private Tables encrypted;
    private Stage[] outbound;
    private Stage[] outboundInEsp;
    private Transmit transmit;

    @Setup(Level.Trial)
    public void open() {
        Eal eal = Eal.start();
        pool = new MbufPool(eal, 4095, 2048);
        String pci = System.getProperty("weft.pci");
        port = new EthPort("uplink", pci == null ? EthDev.open(eal, "vdev", "net_null_bench", "size=" + size, pool.mempool())
                : EthDev.open(eal, "pci", pci, "", pool.mempool()));
        ports = new Ports();
        ports.set(Ports.UPLINK, port);
        // Only its counters: what the endpoint's burst drops is counted there.
        ports.set(ENDPOINT, port);
        tables = Tables.of(state(Optional.empty()), _ -> ENDPOINT);
        encrypted = Tables.of(state(Optional.of(Cipher.AES_128_GCM)), _ -> ENDPOINT, associations());
        transmit = new Transmit(ports, pool);
        outbound = outbound(tables);
        outboundInEsp = outbound(encrypted);
        for (int i = 0; i < slots.length; i++) {
            slots[i] = i;
        }
    }

    private static List<InstalledPeer> associations() {
        SecurityAssociation sa = new SecurityAssociation(0x1000, new SaKey(Cipher.AES_128_GCM, new byte[20]),
                new SaLimit(Long.MAX_VALUE, Long.MAX_VALUE));
        return new SecurityAssociations(GcmEngines.choose().engine().orElseThrow(), 1)
                .install(List.of(new PeerSecurity(OTHER, Cipher.AES_128_GCM, false, List.of(), Optional.of(sa))));
    }

    private Stage[] outbound(Tables known) {
        Underlay underlay = new Underlay(OWN, UdpHeader.VXLAN_PORT, new MacAddress(0x02aa_0000_0001L), VtepOwner.PIPELINE);
        NextHopTable nextHops = new NextHopTable(RouteTable.ON_LINK);
        nextHops.adopt(known.vteps(), System.nanoTime());
        nextHops.heard(AddressBits.high(OTHER), AddressBits.low(OTHER), 0x02aa_0000_0002L, System.nanoTime());
        List<Stage> stages = new ArrayList<>(OverlayStages.outbound(new VipFlows(VipFlows.DEFAULT_CAPACITY, System::nanoTime),
                new PolicyFlows(PolicyFlows.DEFAULT_CAPACITY, System::nanoTime)));
        stages.add(new NextHop(nextHops, System::nanoTime));
        stages.add(new SaSelect(false));
        stages.add(new VxlanEncap(Ports.UPLINK, OWN, UdpHeader.VXLAN_PORT, new OuterHeaders(underlay)));
        stages.add(new EspSeal(Ports.UPLINK, pool, new OuterHeaders(underlay), UdpHeader.ESP_PORT, 0));
        return stages.toArray(Stage[]::new);
    }

    private static DataPathState state(Optional<Cipher> encryption) {
        return new DataPathState(1, List.of(new NetworkState("blue", VNI, 1450, NetworkState.gatewayMacOf(VNI),
                List.of(new SubnetState(Cidr.parse("10.77.0.0/24"), InetAddress.ofLiteral("10.77.0.1"))),
                List.of(new LocalEndpoint(new EndpointId(VNI, "a"), new MacAddress(MAC_A), List.of(InetAddress.ofLiteral("10.77.0.10")),
                        new Attachment.InProcess())),
                List.of(new RemoteEndpoint(new EndpointId(VNI, "b"), new MacAddress(MAC_B), List.of(InetAddress.ofLiteral("10.77.0.11")), OTHER)),
                List.of(), encryption)));
    }

    @TearDown(Level.Trial)
    public void close() {
        port.close();
        pool.close();
    }

    /** Receives, exchanges the MACs, sends. */
    @Benchmark
    @OperationsPerInvocation(Burst.CAPACITY)
    public int macSwap() {
        burst.begin(tables, pool.memory(), Ports.UPLINK);
        int received = port.receive(burst);
        MacForward.exchange(burst);
        int sent = port.transmit(burst, slots, received);
        for (int i = sent; i < received; i++) {
            buffers[i - sent] = burst.buffer[i];
        }
        pool.free(buffers, received - sent);
        return sent;
    }

    /** All outbound stages: parse, guard, answers, MTU, VIP, FDB, next hop, VXLAN, transmit. */
    @Benchmark
    @OperationsPerInvocation(Burst.CAPACITY)
    public int outboundToTheWire() {
        return outbound(tables, outbound);
    }

    /** The same, sealed with AES-128-GCM by the best engine. */
    @Benchmark
    @OperationsPerInvocation(Burst.CAPACITY)
    public int outboundToTheWireInEsp() {
        return outbound(encrypted, outboundInEsp);
    }

    private int outbound(Tables snapshot, Stage[] stages) {
        burst.begin(snapshot, pool.memory(), ENDPOINT);
        int count = pool.allocate(buffers, Burst.CAPACITY);
        for (int i = 0; i < count; i++) {
            long frame = pool.dataOffset(buffers[i]);
            writeFrame(burst.memory(), frame, i);
            burst.add(buffers[i], frame, size);
        }
        for (Stage stage : stages) {
            stage.process(burst);
        }
        transmit.process(burst);
        return count;
    }

    private void writeFrame(MemorySegment memory, long frame, int flow) {
        EthernetHeader.write(memory, frame, MAC_B, MAC_A, EthernetHeader.ETHER_TYPE_IPV4);
        long ip = frame + EthernetHeader.LENGTH;
        Ipv4Header.write(memory, ip, size - EthernetHeader.LENGTH, 0, 0, 64, IpProtocol.UDP, 0x0a4d000a, 0x0a4d000b);
        UdpHeader.write(memory, ip + Ipv4Header.MIN_LENGTH, 1000 + flow, 2000, size - EthernetHeader.LENGTH - Ipv4Header.MIN_LENGTH);
    }
}
