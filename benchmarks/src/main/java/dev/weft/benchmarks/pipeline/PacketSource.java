package dev.weft.benchmarks.pipeline;

import dev.weft.api.path.NetworkState;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.UdpHeader;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.port.PacketPool;
import dev.weft.dpdk.port.Port;
import java.lang.foreign.MemorySegment;

/** What the client sends: bursts of UDP packets into the ring that is its port. */
final class PacketSource {

    private static final int PORTS = 60_000;
    private static final int FIRST_PORT = 1024;
    private static final int FIRST_DESTINATION_PORT = 2000;
    private static final long LOW_32 = 0xffff_ffffL;

    private final PipelineCase wanted;
    private final PacketPool pool;
    private final Port port;
    private final Burst burst = new Burst();
    private final long[] buffers = new long[Burst.CAPACITY];
    private final int[] slots = new int[Burst.CAPACITY];
    private long random = 88_172_645_463_325_252L;
    private long inTurn;

    PacketSource(PipelineCase wanted, PacketPool pool, Port port) {
        this.wanted = wanted;
        this.pool = pool;
        this.port = port;
        for (int i = 0; i < slots.length; i++) {
            slots[i] = i;
        }
    }

    /** A burst of the next flows. */
    void sendInTurn() {
        send(true);
    }

    /** A burst of any flows. */
    void send() {
        send(false);
    }

    private void send(boolean next) {
        burst.begin(null, pool.memory(), 0);
        int count = pool.allocate(buffers, Burst.CAPACITY);
        for (int i = 0; i < count; i++) {
            random ^= random << 13;
            random ^= random >>> 7;
            random ^= random << 17;
            int flow = (int) (next ? inTurn++ % wanted.flows() : (random >>> 32) * wanted.flows() >>> 32);
            int endpoint = (int) ((random & LOW_32) * wanted.endpoints() >>> 32);
            long frame = pool.dataOffset(buffers[i]);
            write(burst.memory(), frame, flow, endpoint);
            burst.add(buffers[i], frame, wanted.size());
        }
        if (count < Burst.CAPACITY || port.transmit(burst, slots, count) < count) {
            throw new IllegalStateException("no buffers, or no room in the client's ring");
        }
    }

    private void write(MemorySegment memory, long frame, int flow, int endpoint) {
        boolean vip = wanted.work() == PipelineCase.Work.VIP;
        long ip = frame + EthernetHeader.LENGTH;
        int length = wanted.size() - EthernetHeader.LENGTH;
        EthernetHeader.write(memory, frame, vip ? NetworkState.gatewayMacOf(BenchNode.VNI).value() : BenchNode.FIRST_MAC + endpoint,
                BenchNode.CLIENT_MAC, EthernetHeader.ETHER_TYPE_IPV4);
        Ipv4Header.write(memory, ip, length, 0, 0, 64, IpProtocol.UDP, BenchNode.CLIENT_ADDRESS,
                vip ? BenchNode.VIP_ADDRESS : BenchNode.FIRST_ADDRESS + endpoint);
        UdpHeader.write(memory, ip + Ipv4Header.MIN_LENGTH, FIRST_PORT + flow % PORTS, FIRST_DESTINATION_PORT + flow / PORTS,
                length - Ipv4Header.MIN_LENGTH);
    }
}
