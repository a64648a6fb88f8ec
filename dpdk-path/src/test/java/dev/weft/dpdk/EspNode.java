package dev.weft.dpdk;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.Cipher;
import dev.weft.api.MacAddress;
import dev.weft.api.PipelineSpec;
import dev.weft.api.counter.CounterSnapshot;
import dev.weft.api.counter.DropReason;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.PeerSecurity;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.path.SaUsage;
import dev.weft.api.path.SubnetState;
import dev.weft.api.wire.ArpPacket;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.UdpHeader;
import dev.weft.dpdk.esp.GcmEngines;
import dev.weft.dpdk.esp.SecurityAssociations;
import dev.weft.dpdk.pipeline.Poller;
import dev.weft.dpdk.pipeline.PollerThread;
import dev.weft.dpdk.port.ArenaPool;
import dev.weft.dpdk.port.Ports;
import dev.weft.dpdk.table.Tables;
import dev.weft.dpdk.underlay.RouteTable;
import dev.weft.dpdk.underlay.Underlay;
import dev.weft.dpdk.underlay.VtepOwner;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The whole packet path of a node in memory, stepped by the test: an Ethernet uplink, and one endpoint in a network that node 1 and
 * node 2 share. Node 3 is a VTEP without a packet path.
 */
final class EspNode implements AutoCloseable {

    static final int VNI = 77;
    static final int BUFFERS = 1024;

    private static final int ENDPOINT = Ports.FIRST_ENDPOINT;
    private static final int HEADERS = EthernetHeader.LENGTH + Ipv4Header.MIN_LENGTH + UdpHeader.LENGTH;

    final WirePort uplink;
    final WirePort endpoint;
    private final int number;
    private final ArenaPool pool = new ArenaPool(BUFFERS, 2048);
    private final Ports ports = new Ports();
    private final SecurityAssociations associations;
    private final Poller poller;
    private Optional<Cipher> encryption = Optional.of(Cipher.AES_128_GCM);
    private int vni = VNI;
    private int mtu = 1416;

    EspNode(int number, PipelineSpec pipeline) {
        this.number = number;
        uplink = new WirePort("uplink", pool);
        endpoint = new WirePort("endpoint", pool);
        Uplink opened = new Uplink(uplink, Optional.empty(), pool, 1500, Optional.of(new Uplink.Ethernet(
                new Underlay(vtep(number), UdpHeader.VXLAN_PORT, new MacAddress(mac(number)), VtepOwner.PIPELINE), RouteTable.ON_LINK)),
                PollerThread.ThreadEntry.NONE, () -> { }, Optional.empty(), List.of());
        PacketWalk walk = new PacketWalk(new DataPathConfig("n" + number, vtep(number), UdpHeader.VXLAN_PORT, Optional.empty(), Optional.empty(),
                pipeline), opened, ports, System::nanoTime);
        associations = new SecurityAssociations(GcmEngines.choose().engine().orElseThrow(), Math.max(1, pipeline.workers()));
        poller = new Poller(ports, walk.pipeline(pipeline, () -> { }), pool, System::nanoTime, List.of());
        poller.addPort(Ports.UPLINK, uplink);
        poller.addPort(ENDPOINT, endpoint);
    }

    static InetAddress vtep(int node) {
        return InetAddress.ofLiteral("192.0.2." + node);
    }

    static long mac(int node) {
        return 0x02aa_0000_0000L | node;
    }

    static long innerMac(int node) {
        return 0x0200_0000_4d00L | node;
    }

    /** What the network is, from the next {@link #apply} on. */
    void network(int itsVni, Optional<Cipher> itsEncryption) {
        vni = itsVni;
        encryption = itsEncryption;
    }

    /** From the next {@link #apply} on. */
    void mtu(int bytes) {
        mtu = bytes;
    }

    void apply(PeerSecurity... peers) {
        List<RemoteEndpoint> remotes = IntStream.of(1, 2, 3).filter(node -> node != number)
                .mapToObj(node -> new RemoteEndpoint(new EndpointId(vni, "e" + node), new MacAddress(innerMac(node)), List.of(address(node)),
                        vtep(node)))
                .toList();
        NetworkState network = new NetworkState("blue", vni, mtu, NetworkState.gatewayMacOf(vni),
                List.of(new SubnetState(Cidr.parse("10.77.0.0/24"), InetAddress.ofLiteral("10.77.0.254"))),
                List.of(new LocalEndpoint(new EndpointId(vni, "e" + number), new MacAddress(innerMac(number)), List.of(address(number)),
                        new Attachment.InProcess())), remotes, List.of(), encryption);
        poller.adopt(Tables.of(new DataPathState(1, List.of(network)), id -> id.name().equals("e" + number) ? ENDPOINT : Tables.NONE,
                associations.install(List.of(peers))));
        poller.step();
        associations.forgetRemoved();
    }

    private static InetAddress address(int node) {
        return InetAddress.ofLiteral("10.77.0." + node);
    }

    /** Node 2 tells its MAC, as ARP does. */
    void hear(int node) {
        MemorySegment frame = MemorySegment.ofArray(new byte[EthernetHeader.LENGTH + ArpPacket.LENGTH]);
        EthernetHeader.write(frame, 0, EthernetHeader.BROADCAST, mac(node), EthernetHeader.ETHER_TYPE_ARP);
        ArpPacket.writeRequest(frame, EthernetHeader.LENGTH, mac(node), 0xc000_0200 | node, 0xc000_0200 | number);
        uplink.incoming.add(frame.toArray(ValueLayout.JAVA_BYTE));
        run();
        uplink.sent.clear();
    }

    /** The endpoint sends a datagram to that of another node. */
    void say(int toNode, int payload) {
        MemorySegment frame = MemorySegment.ofArray(new byte[HEADERS + payload]);
        EthernetHeader.write(frame, 0, innerMac(toNode), innerMac(number), EthernetHeader.ETHER_TYPE_IPV4);
        Ipv4Header.write(frame, EthernetHeader.LENGTH, HEADERS - EthernetHeader.LENGTH + payload, 0, 0, 64, IpProtocol.UDP,
                0x0a4d_0000 | number, 0x0a4d_0000 | toNode);
        UdpHeader.write(frame, EthernetHeader.LENGTH + Ipv4Header.MIN_LENGTH, 1000 + payload, 2000, UdpHeader.LENGTH + payload);
        frame.asSlice(HEADERS).fill((byte) 'x');
        endpoint.incoming.add(frame.toArray(ValueLayout.JAVA_BYTE));
    }

    /** One round: a burst from each port, which may be under way then. */
    void step() {
        poller.step();
    }

    /** Until nothing is left to do. */
    void run() {
        while (poller.step() > 0 || !uplink.incoming.isEmpty() || !endpoint.incoming.isEmpty() || available() < BUFFERS) {
            Thread.onSpinWait();
        }
    }

    int available() {
        return pool.available();
    }

    long dropped(DropReason reason) {
        return new CounterSnapshot(ports.snapshot()).dropped(reason);
    }

    Ports ports() {
        return ports;
    }

    SaUsage usage(int spi) {
        return associations.usage().stream().filter(each -> each.spi() == spi).findFirst().orElseThrow();
    }

    @Override
    public void close() {
        poller.end();
    }
}
