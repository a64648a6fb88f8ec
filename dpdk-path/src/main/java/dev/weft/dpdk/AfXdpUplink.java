package dev.weft.dpdk;

import dev.weft.api.WeftException;
import dev.weft.dpdk.port.EthPort;
import dev.weft.dpdk.port.MbufPool;
import dev.weft.dpdk.port.XdpPort;
import dev.weft.dpdk.underlay.OverlayProgram;
import dev.weft.dpdk.underlay.Underlay;
import dev.weft.ffm.bpf.BpfObjectFile;
import dev.weft.ffm.dpdk.Eal;
import dev.weft.ffm.dpdk.EthDev;
import dev.weft.ffm.libc.EthtoolChannels;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.libc.PacketSockets;
import dev.weft.ffm.libc.XdpLink;
import dev.weft.ffm.rtnl.Link;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * A kernel interface by net_af_xdp with {@link OverlayProgram}: the kernel never sees the overlay's packets, and keeps all others. Without
 * that program the driver would attach one that takes everything.
 */
final class AfXdpUplink {

    private static final AtomicInteger NAMES = new AtomicInteger();
    /** What the kernel leaves free before a packet (XDP_PACKET_HEADROOM), the Ethernet header, and a cache line for rounding. */
    private static final int ROOM_OVERHEAD = 256 + 14 + 64;
    private static final int SMALLEST_ROOM = 2048;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final int CACHE_LINE = 64;
    /** A buffer is a chunk of the socket's memory, at most a page: the pool's header, rte_mbuf, two headrooms and the trailer are in it. */
    private static final int LARGEST_ROOM = 4096 - 64 - 128 - 128 - CACHE_LINE;

    /** The driver refused; the queue may be free again soon. */
    private static final class NotOpened extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotOpened(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private AfXdpUplink() {
    }

    /**
     * Opens as soon as it can: the kernel gives a queue back by a worker of its own, a moment after the last socket there was closed, or its
     * process killed.
     *
     * @param open with everything it needs made anew: the driver keeps buffers of a pool that it failed with
     */
    static Uplink whenQueueIsFree(Supplier<Uplink> open) {
        long begin = System.nanoTime();
        while (true) {
            try {
                return open.get();
            } catch (NotOpened e) {
                if (System.nanoTime() - begin > PATIENCE_NANOS) {
                    throw new WeftException.DataPathUnavailable(e.getMessage(), e);
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    /**
     * Bytes of a buffer for packets of an interface.
     *
     * @throws WeftException.DataPathUnavailable if its MTU is too large
     */
    static int room(Link link) {
        int room = Math.max(SMALLEST_ROOM, link.mtu() + ROOM_OVERHEAD & -CACHE_LINE);
        if (room > LARGEST_ROOM) {
            throw new WeftException.DataPathUnavailable("AF_XDP takes packets of one page, so an MTU of "
                    + (LARGEST_ROOM - ROOM_OVERHEAD) + " at most, and " + link.name() + " has " + link.mtu()
                    + "; lower it, or name the uplink " + UplinkName.AF_PACKET_PREFIX + link.name());
        }
        return room;
    }

    /**
     * Opens it, in the network namespace of the calling thread, which the port remembers: net_af_xdp looks for the program at the interface's
     * number in that of whoever closes it.
     */
    static XdpPort open(Eal eal, String name, Link link, Underlay underlay, boolean encrypted, MbufPool pool) {
        refuseQueues(link);
        if (pool.mempool().chunks() != 1) {
            throw new WeftException.DataPathUnavailable("DPDK's memory is in too small pieces for AF_XDP at " + link.name()
                    + "; reserve more huge pages (sysctl vm.nr_hugepages), or name the uplink " + UplinkName.AF_PACKET_PREFIX + link.name());
        }
        pool.mempool().withholdBeyondGaps();
        XdpHook.clear(link);
        NetworkNamespace namespace = NetworkNamespace.current();
        EthPort xdp = null;
        XdpLink hook = null;
        try {
            xdp = openDevice(eal, name, link, BpfObjectFile.of(OverlayProgram.of(underlay, encrypted), OverlayProgram.sockets(), "GPL"), pool);
            hook = XdpHook.hold(link);
            EthPort beside = AfPacketUplink.openBesideXdp(eal, name, link, pool);
            EthPort overlay = xdp;
            XdpLink held = hook;
            return new XdpPort(overlay, beside, () -> close(namespace, held, overlay, beside));
        } catch (RuntimeException e) {
            if (hook != null) {
                hook.close();
            }
            if (xdp != null) {
                closeDevice(xdp);
            }
            namespace.close();
            throw e;
        }
    }

    /** A socket of AF_XDP has one queue, and what came by another would be lost to us. */
    private static void refuseQueues(Link link) {
        int queues = EthtoolChannels.receiveQueues(link.name());
        if (queues > 1) {
            throw new WeftException.DataPathUnavailable(link.name() + " receives with " + queues + " queues, and AF_XDP takes packets of one; set"
                    + " it to one (ethtool -L " + link.name() + " combined 1), or name the uplink " + UplinkName.AF_PACKET_PREFIX + link.name());
        }
    }

    /** One at a time, so that the new socket is this port's. No busy polling: an idle poller sleeps until the socket can be read. */
    private static synchronized EthPort openDevice(Eal eal, String name, Link link, byte[] program, MbufPool pool) {
        int[] before = PacketSockets.xdp();
        Path file = write(program);
        try {
            EthDev device = EthDev.open(eal, "vdev", "net_af_xdp" + NAMES.getAndIncrement(),
                    "iface=" + link.name() + ",busy_budget=0,xdp_prog=" + file, pool.mempool());
            int[] sockets = PacketSockets.xdp(before);
            return new EthPort(name, device, sockets.length == 0 ? Optional.empty() : Optional.of(sockets));
        } catch (WeftException.DataPathUnavailable e) {
            throw new NotOpened("AF_XDP does not open " + link.name() + ": " + e.getMessage() + "; another process may have its queue (ss --xdp),"
                    + " or name the uplink " + UplinkName.AF_PACKET_PREFIX + link.name(), e);
        } finally {
            delete(file);
        }
    }

    private static Path write(byte[] program) {
        try {
            return Files.write(Files.createTempFile("weft-xdp", ".o"), program);
        } catch (IOException e) {
            throw new WeftException.DataPathUnavailable("cannot write the XDP program for DPDK to read: " + e.getMessage(), e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException _) {
            // A file of a kilobyte stays behind, which harms nobody.
        }
    }

    /** The program goes first, so that the kernel has the packets again when nobody reads them. */
    private static void close(NetworkNamespace namespace, XdpLink hook, EthPort xdp, EthPort beside) {
        hook.close();
        try (namespace) {
            namespace.call(() -> {
                closeDevice(xdp);
                beside.close();
                return null;
            });
        }
    }

    /** Some releases of the driver (22.11.11) miscount and leave their socket open, which would keep the interface's queue and our memory. */
    private static void closeDevice(EthPort xdp) {
        Runnable left = PacketSockets.closer(xdp.descriptors().orElse(new int[0]));
        xdp.close();
        left.run();
    }
}
