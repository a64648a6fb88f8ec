package dev.weft.dpdk;

import dev.weft.api.WeftException;
import dev.weft.dpdk.port.EthPort;
import dev.weft.dpdk.port.XdpPort;
import dev.weft.dpdk.underlay.OverlayProgram;
import dev.weft.dpdk.underlay.Underlay;
import dev.weft.ffm.bpf.BpfObjectFile;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.rtnl.Link;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * A kernel interface by net_af_xdp with {@link OverlayProgram}: the kernel never sees the overlay's packets, and keeps all others. Without
 * that program the driver would attach one that takes everything.
 */
final class AfXdpUplink {

    /** What the kernel leaves free before a packet (XDP_PACKET_HEADROOM), the Ethernet header, and a cache line for rounding. */
    private static final int ROOM_OVERHEAD = 256 + 14 + 64;
    private static final int SMALLEST_ROOM = 2048;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final int CACHE_LINE = 64;
    /** A buffer is a chunk of the socket's memory, at most a page: the pool's header, rte_mbuf, two headrooms and the trailer are in it. */
    private static final int LARGEST_ROOM = 4096 - 64 - 128 - 128 - CACHE_LINE;

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
            } catch (AfXdpQueues.NotOpened e) {
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
    static XdpPort open(AfXdpQueues queues, String name, Underlay underlay, boolean encrypted) {
        Link link = queues.link();
        queues.refuseOtherQueues();
        if (queues.pool().mempool().chunks() != 1) {
            throw new WeftException.DataPathUnavailable("DPDK's memory is in too small pieces for AF_XDP at " + link.name()
                    + "; reserve more huge pages (sysctl vm.nr_hugepages), or name the uplink " + UplinkName.AF_PACKET_PREFIX + link.name());
        }
        queues.pool().mempool().withholdBeyondGaps();
        XdpHook.clear(link);
        Path file = write(BpfObjectFile.of(OverlayProgram.of(underlay, encrypted), OverlayProgram.sockets(), "GPL"));
        try {
            return open(queues, name, file);
        } finally {
            delete(file);
        }
    }

    private static XdpPort open(AfXdpQueues queues, String name, Path program) {
        NetworkNamespace namespace = NetworkNamespace.current();
        try {
            queues.open(program);
            EthPort beside = AfPacketUplink.openBesideXdp(queues.eal(), name, queues.link(), queues.pool());
            return new XdpPort(queues.port(name), beside, () -> close(namespace, queues, beside));
        } catch (RuntimeException e) {
            queues.close();
            namespace.close();
            throw e;
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

    private static void close(NetworkNamespace namespace, AfXdpQueues queues, EthPort beside) {
        queues.unhook();
        try (namespace) {
            namespace.call(() -> {
                queues.close();
                beside.close();
                return null;
            });
        }
    }
}
