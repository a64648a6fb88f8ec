package dev.weft.benchmarks.pipeline;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.Cipher;
import dev.weft.api.MacAddress;
import dev.weft.api.counter.Counter;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.PeerSecurity;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.path.SaKey;
import dev.weft.api.path.SaLimit;
import dev.weft.api.path.SecurityAssociation;
import dev.weft.api.path.ServiceState;
import dev.weft.api.path.SubnetState;
import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.UdpHeader;
import dev.weft.dpdk.esp.GcmEngine;
import dev.weft.dpdk.esp.InstalledPeer;
import dev.weft.dpdk.esp.SecurityAssociations;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.port.PacketPool;
import dev.weft.dpdk.port.Port;
import dev.weft.dpdk.port.Ports;
import dev.weft.dpdk.service.FlowTable;
import dev.weft.dpdk.service.PolicyFlows;
import dev.weft.dpdk.service.VipFlows;
import dev.weft.dpdk.stage.EspOpen;
import dev.weft.dpdk.stage.EspSeal;
import dev.weft.dpdk.stage.NextHop;
import dev.weft.dpdk.stage.OverlayStages;
import dev.weft.dpdk.stage.ReplayCheck;
import dev.weft.dpdk.stage.SaLookup;
import dev.weft.dpdk.stage.SaSelect;
import dev.weft.dpdk.stage.Transmit;
import dev.weft.dpdk.stage.UnderlayParse;
import dev.weft.dpdk.stage.VxlanDecap;
import dev.weft.dpdk.stage.VxlanEncap;
import dev.weft.dpdk.table.Tables;
import dev.weft.dpdk.underlay.NextHopTable;
import dev.weft.dpdk.underlay.OuterHeaders;
import dev.weft.dpdk.underlay.RouteTable;
import dev.weft.dpdk.underlay.Underlay;
import dev.weft.dpdk.underlay.VtepOwner;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** One of the two nodes: the near one has the client, the far one all other endpoints. Its stages are those that a node runs. */
final class BenchNode {

    static final int MEMBER = Ports.FIRST_ENDPOINT;
    static final int VNI = 77;
    static final int FIRST_ADDRESS = 0x0a00_0010;
    static final int CLIENT_ADDRESS = 0x0a00_0003;
    static final int VIP_ADDRESS = 0x0a00_0002;
    static final long FIRST_MAC = 0x0242_0a00_0010L;
    static final long CLIENT_MAC = 0x0242_0a00_0003L;
    private static final int GATEWAY_ADDRESS = 0x0a00_0001;
    private static final int MTU = 9000;
    private static final int BACKENDS = 10;
    private static final int SPI = 0x1000;
    /** Twice the flows of the largest case. */
    private static final int FLOW_SLOTS = FlowTable.MAX_CAPACITY;
    private static final InetAddress[] VTEPS = {InetAddress.ofLiteral("192.0.2.1"), InetAddress.ofLiteral("192.0.2.2")};
    private static final long[] MACS = {0x02aa_0000_0001L, 0x02aa_0000_0002L};

    private final int number;
    private final PipelineCase wanted;
    private final Tables tables;
    private final NextHopTable nextHops;
    private final Underlay underlay;
    private final VipFlows flows;
    private final PolicyFlows policies = new PolicyFlows(1024, System::nanoTime);
    private final Ports ports = new Ports();
    private final PacketPool pool;

    /**
     * @param number 0: near, 1: far
     * @param uplink to the other one
     * @param member where the endpoints of this node are
     */
    BenchNode(int number, PipelineCase wanted, PacketPool pool, GcmEngine engine, Port uplink, Port member) {
        this.number = number;
        this.wanted = wanted;
        this.pool = pool;
        ports.set(Ports.UPLINK, uplink);
        ports.set(MEMBER, member);
        tables = Tables.of(state(), id -> id.isGateway() ? Tables.NONE : MEMBER, associations(engine));
        underlay = new Underlay(VTEPS[number], UdpHeader.VXLAN_PORT, new MacAddress(MACS[number]), VtepOwner.PIPELINE);
        nextHops = new NextHopTable(RouteTable.ON_LINK);
        nextHops.adopt(tables.vteps(), System.nanoTime());
        nextHops.heard(AddressBits.high(other()), AddressBits.low(other()), MACS[1 - number], System.nanoTime());
        flows = new VipFlows(wanted.work() == PipelineCase.Work.VIP && number == 0 ? FLOW_SLOTS : 1024, System::nanoTime);
    }

    private InetAddress other() {
        return VTEPS[1 - number];
    }

    private DataPathState state() {
        List<LocalEndpoint> here = new ArrayList<>();
        List<RemoteEndpoint> there = new ArrayList<>();
        for (int i = -1; i < wanted.endpoints(); i++) {
            EndpointId id = new EndpointId(VNI, i < 0 ? "client" : "e" + i);
            MacAddress mac = new MacAddress(i < 0 ? CLIENT_MAC : FIRST_MAC + i);
            List<InetAddress> addresses = List.of(address(i < 0 ? CLIENT_ADDRESS : FIRST_ADDRESS + i));
            if (i < 0 == (number == 0)) {
                here.add(new LocalEndpoint(id, mac, addresses, new Attachment.InProcess()));
            } else {
                there.add(new RemoteEndpoint(id, mac, addresses, other()));
            }
        }
        List<InetAddress> backends = IntStream.range(0, Math.min(BACKENDS, wanted.endpoints())).mapToObj(i -> address(FIRST_ADDRESS + i)).toList();
        return new DataPathState(1, List.of(new NetworkState("blue", VNI, MTU, NetworkState.gatewayMacOf(VNI),
                List.of(new SubnetState(Cidr.parse("10.0.0.0/8"), address(GATEWAY_ADDRESS))), here, there,
                List.of(new ServiceState("web", address(VIP_ADDRESS), backends)), encryption())));
    }

    private static InetAddress address(int bits) {
        return InetAddress.ofLiteral((bits >>> 24) + "." + (bits >> 16 & 255) + "." + (bits >> 8 & 255) + "." + (bits & 255));
    }

    private Optional<Cipher> encryption() {
        return wanted.work() == PipelineCase.Work.ESP ? Optional.of(Cipher.AES_128_GCM) : Optional.empty();
    }

    private List<InstalledPeer> associations(GcmEngine engine) {
        SecurityAssociation sa = new SecurityAssociation(SPI, new SaKey(Cipher.AES_128_GCM, new byte[20]),
                new SaLimit(Long.MAX_VALUE, Long.MAX_VALUE));
        return new SecurityAssociations(engine, 1).install(List.of(new PeerSecurity(other(), Cipher.AES_128_GCM, false,
                number == 0 ? List.of() : List.of(sa), number == 0 ? Optional.of(sa) : Optional.empty())));
    }

    Transmit transmit() {
        return new Transmit(ports, pool);
    }

    /** The counters of its ports that are not zero. */
    List<Counter> counters() {
        return ports.snapshot().stream().filter(counter -> counter.value() != 0).toList();
    }

    List<Stage> outbound() {
        List<Stage> stages = new ArrayList<>(OverlayStages.outbound(flows, policies));
        stages.add(new NextHop(nextHops, System::nanoTime));
        stages.add(new SaSelect(false));
        stages.add(encapsulation());
        stages.add(new EspSeal(Ports.UPLINK, pool, new OuterHeaders(underlay), UdpHeader.ESP_PORT, 0));
        return stages;
    }

    Stage nextHop() {
        return new NextHop(nextHops, System::nanoTime);
    }

    Stage encapsulation() {
        return new VxlanEncap(Ports.UPLINK, VTEPS[number], UdpHeader.VXLAN_PORT, new OuterHeaders(underlay));
    }

    List<Stage> inbound() {
        List<Stage> stages = new ArrayList<>(List.of(new UnderlayParse(underlay, nextHops, System::nanoTime),
                new SaLookup(),
                new EspOpen(UdpHeader.VXLAN_PORT, 0), new ReplayCheck(), new VxlanDecap()));
        stages.addAll(OverlayStages.inbound(flows, policies));
        return stages;
    }

    /** Receives a burst from one of its ports. */
    void receive(Burst burst, int port) {
        burst.begin(tables, pool.memory(), port);
        ports.get(port).receive(burst);
    }

    /** Receives a burst from another port. */
    void receiveFrom(Port port, Burst burst) {
        burst.begin(tables, pool.memory(), Ports.UPLINK);
        port.receive(burst);
    }
}
