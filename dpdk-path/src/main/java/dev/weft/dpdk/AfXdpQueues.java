package dev.weft.dpdk;

import dev.weft.api.WeftException;
import dev.weft.dpdk.port.EthPort;
import dev.weft.dpdk.port.MbufPool;
import dev.weft.ffm.dpdk.Eal;
import dev.weft.ffm.dpdk.EthDev;
import dev.weft.ffm.libc.EthtoolChannels;
import dev.weft.ffm.libc.PacketSockets;
import dev.weft.ffm.libc.XdpLink;
import dev.weft.ffm.rtnl.Link;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * The AF_XDP sockets of an interface, one for each of its queues, behind one program. Each is a device of net_af_xdp of its own: for several queues
 * of one the driver wants combined channels, which a veth has not. Each device comes with a program; the first one stays and gets all sockets.
 */
final class AfXdpQueues implements AutoCloseable {

    private static final AtomicInteger NAMES = new AtomicInteger();

    private final Eal eal;
    private final Link link;
    private final MbufPool pool;
    private final int queues;
    private final List<EthDev> devices = new ArrayList<>();
    private final List<Integer> sockets = new ArrayList<>();
    private XdpLink hook;

    /** The driver refused; the queue may be free again soon. */
    static final class NotOpened extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotOpened(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Nothing is open yet. @param queues as many as the interface has, or it is refused */
    AfXdpQueues(Eal eal, Link link, MbufPool pool, int queues) {
        this.eal = eal;
        this.link = link;
        this.pool = pool;
        this.queues = queues;
    }

    Eal eal() {
        return eal;
    }

    Link link() {
        return link;
    }

    MbufPool pool() {
        return pool;
    }

    /** A socket of AF_XDP has one queue, and what came by one without a socket would be lost to us. */
    void refuseOtherQueues() {
        int has = EthtoolChannels.receiveQueues(link.name());
        if (has != queues) {
            throw new WeftException.DataPathUnavailable(link.name() + " receives with " + has + " queues, and AF_XDP takes packets of those asked"
                    + " for, which are " + queues + "; ask for " + has + " (--queues " + has + "), set it to " + queues + " (ethtool -L "
                    + link.name() + " combined " + queues + ", or rx and tx), or name the uplink " + UplinkName.AF_PACKET_PREFIX + link.name());
        }
    }

    /** Opens all queues, in the network namespace of the calling thread. @param program file of {@code OverlayProgram} */
    void open(Path program) {
        XdpLink.Program kept = null;
        try {
            for (int queue = 0; queue < queues; queue++) {
                openQueue(queue, program);
                XdpLink.Program fresh = XdpHook.take(link);
                if (kept == null) {
                    kept = fresh;
                } else {
                    fresh.close();
                    kept.give(queue, sockets.get(queue));
                }
            }
            hook = kept.attach(link.index());
        } finally {
            if (kept != null) {
                kept.close();
            }
        }
    }

    /** One at a time in the process, so that the new socket is this queue's. No busy polling: an idle poller sleeps until a socket can be read. */
    private void openQueue(int queue, Path program) {
        synchronized (AfXdpQueues.class) {
            int[] before = PacketSockets.xdp();
            try {
                devices.add(EthDev.open(eal, "vdev", "net_af_xdp" + NAMES.getAndIncrement(),
                        "iface=" + link.name() + ",start_queue=" + queue + ",busy_budget=0,xdp_prog=" + program, pool.mempool()));
            } catch (WeftException.DataPathUnavailable e) {
                throw new NotOpened("AF_XDP does not open " + link.name() + ": " + e.getMessage() + "; another process may have its queue " + queue
                        + " (ss --xdp), or name the uplink " + UplinkName.AF_PACKET_PREFIX + link.name(), e);
            }
            IntStream.of(PacketSockets.xdp(before)).forEach(sockets::add);
        }
        if (sockets.size() != devices.size()) {
            throw new WeftException.DataPathUnavailable("the AF_XDP socket of queue " + queue + " of " + link.name() + " is not found; name the"
                    + " uplink " + UplinkName.AF_PACKET_PREFIX + link.name());
        }
    }

    /** The sockets as one port. */
    EthPort port(String name) {
        return new EthPort(name, devices, Optional.of(descriptors()));
    }

    private int[] descriptors() {
        return sockets.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Takes the program away, so that the kernel has the packets again when nobody reads them. Idempotent. */
    void unhook() {
        if (hook != null) {
            hook.close();
            hook = null;
        }
    }

    /**
     * Closes what is open, in the interface's network namespace. Some releases of the driver (22.11.11) miscount and leave their socket open, which
     * would keep the interface's queue and our memory.
     */
    @Override
    public void close() {
        unhook();
        Runnable left = PacketSockets.closer(descriptors());
        devices.forEach(EthDev::close);
        left.run();
    }
}
