package dev.weft.dpdk;

import dev.weft.dpdk.port.EthPort;
import dev.weft.dpdk.port.MbufPool;
import dev.weft.ffm.dpdk.Eal;
import dev.weft.ffm.dpdk.EthDev;
import dev.weft.ffm.libc.PacketSockets;
import dev.weft.ffm.rtnl.Link;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A kernel interface by net_af_packet: a copy of each packet that the kernel gets. */
final class AfPacketUplink {

    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final int BLOCK = 1 << 16;
    private static final int FRAMES = 1024;
    /** Of a port that hears ARP, ND and ICMP alone. */
    private static final int FEW_FRAMES = 128;
    private static final int SMALLEST_FRAME = 2048;
    /** The largest frame that a ring's slot can have. */
    static final int LARGEST_FRAME = BLOCK / 2;

    /**
     * Lets ARP, ICMP and ICMPv6 through: struct sock_filter (linux/filter.h), the constant in the upper half, below it the ways to go when a
     * comparison is true and false, in instructions, and the opcode.
     */
    private static final long[] NEIGHBORS = {
        instruction(0x28, 0, 0, 12), // the EtherType
        instruction(0x15, 6, 0, 0x0806), // ARP
        instruction(0x15, 0, 2, 0x0800),
        instruction(0x30, 0, 0, 23), // IPv4's protocol
        instruction(0x15, 3, 4, 1), // ICMP
        instruction(0x15, 0, 3, 0x86dd),
        instruction(0x30, 0, 0, 20), // IPv6's next header
        instruction(0x15, 0, 1, 58), // ICMPv6
        instruction(0x06, 0, 0, 0xffff), // all of it
        instruction(0x06, 0, 0, 0)};

    private AfPacketUplink() {
    }

    private static long instruction(int opcode, int ifTrue, int ifFalse, long constant) {
        return constant << 32 | (long) ifFalse << 24 | (long) ifTrue << 16 | opcode;
    }

    /**
     * With several queues the driver has a socket for each and the kernel chooses by the flow (PACKET_FANOUT_HASH: addresses, and ports or the SPI).
     *
     * @param frame bytes of a ring's slot, a power of two
     */
    static EthPort open(Eal eal, String name, Link link, int frame, MbufPool pool, int queues) {
        return open(eal, name, link, new Rings(frame, FRAMES, queues), pool);
    }

    /** Of an AF_PACKET port: bytes of a slot, slots of a ring, rings each way. */
    private record Rings(int frame, int frames, int queues) {
    }

    /** One that hears only what the kernel and the pipeline both have to know. */
    static EthPort openBesideXdp(Eal eal, String name, Link link, MbufPool pool) {
        EthPort port = open(eal, name, link, new Rings(SMALLEST_FRAME, FEW_FRAMES, 1), pool);
        for (int socket : port.descriptors().orElse(new int[0])) {
            PacketSockets.filter(socket, NEIGHBORS);
        }
        return port;
    }

    /**
     * The driver's sockets can be waited for, once found, so that the poller sleeps and is woken as with a socket; one port at a time, so that
     * the new ones are this one's.
     */
    private static synchronized EthPort open(Eal eal, String name, Link link, Rings rings, MbufPool pool) {
        int[] before = PacketSockets.boundTo(link.index());
        EthDev device = EthDev.open(eal, "vdev", "net_af_packet" + NAMES.getAndIncrement(),
                "iface=" + link.name() + ",blocksz=" + BLOCK + ",framesz=" + rings.frame() + ",framecnt=" + rings.frames()
                        + ",qpairs=" + rings.queues(), pool.mempool(), rings.queues());
        int[] sockets = PacketSockets.boundTo(link.index(), before);
        return new EthPort(name, device, sockets.length == 0 ? Optional.empty() : Optional.of(sockets));
    }
}
