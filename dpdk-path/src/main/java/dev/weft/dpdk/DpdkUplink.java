package dev.weft.dpdk;

import dev.weft.api.MacAddress;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathConfig;
import dev.weft.dpdk.pipeline.PollerThread;
import dev.weft.dpdk.port.EthPort;
import dev.weft.dpdk.port.MbufPool;
import dev.weft.dpdk.underlay.KernelRoutes;
import dev.weft.dpdk.underlay.RouteTable;
import dev.weft.dpdk.underlay.Underlay;
import dev.weft.ffm.dpdk.Eal;
import dev.weft.ffm.dpdk.EthDev;
import dev.weft.ffm.libc.PacketSockets;
import dev.weft.ffm.libc.XdpPass;
import dev.weft.ffm.rtnl.Link;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Opens what {@link UplinkName} found as a DPDK port. A kernel interface is driven by net_af_packet and stays the kernel's as
 * well; a PCI device or a vdev is ours alone. Called in the uplink's network namespace.
 */
final class DpdkUplink {

    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final String UPLINK = "uplink";
    private static final int BUFFERS = 8191;
    private static final int SMALLEST_FRAME = 2048;
    /** net_af_packet's ring slots hold a tpacket2_hdr and alignment before the frame, and the frame its Ethernet and VLAN headers. */
    private static final int FRAME_OVERHEAD = 128;
    private static final int BLOCK = 1 << 16;
    private static final int FRAMES = 1024;

    private DpdkUplink() {
    }

    static Uplink open(DataPathConfig config, UplinkName found) {
        KernelGuards guards = found.kernelHasVtep() ? KernelGuards.bind(config) : KernelGuards.NONE;
        MbufPool pool = null;
        try {
            Eal eal = Eal.start();
            int frame = frameSize(found);
            pool = new MbufPool(eal, BUFFERS, frame);
            EthPort port = open(eal, found, frame, pool);
            return describe(config, found, eal, port, pool, guards, release(guards, segmentation(found)));
        } catch (RuntimeException e) {
            guards.close();
            if (pool != null) {
                pool.close();
            }
            throw e;
        }
    }

    private static int frameSize(UplinkName found) {
        int needed = found.kernel().map(link -> link.mtu() + FRAME_OVERHEAD).orElse(SMALLEST_FRAME);
        int size = Math.max(SMALLEST_FRAME, Integer.highestOneBit(needed - 1) << 1);
        if (size > BLOCK / 2) {
            throw new WeftException.DataPathUnavailable("the MTU of uplink " + found.name() + " is larger than the DPDK path takes ("
                    + BLOCK / 4 + "); lower it, or take another data path");
        }
        return size;
    }

    private static EthPort open(Eal eal, UplinkName found, int frame, MbufPool pool) {
        return switch (found.kind()) {
            case PCI -> new EthPort(UPLINK, EthDev.open(eal, "pci", found.name(), "", pool.mempool()));
            case VDEV -> new EthPort(UPLINK, EthDev.open(eal, "vdev", found.name(), found.arguments(), pool.mempool()));
            case KERNEL -> openKernelInterface(eal, found.kernel().orElseThrow(), frame, pool);
        };
    }

    /**
     * net_af_packet. Its socket can be waited for, once found, so that the poller sleeps and is woken as with a socket; one at a time, so that
     * the new one is this port's.
     */
    private static synchronized EthPort openKernelInterface(Eal eal, Link link, int frame, MbufPool pool) {
        int[] before = PacketSockets.boundTo(link.index());
        EthDev device = EthDev.open(eal, "vdev", "net_af_packet" + NAMES.getAndIncrement(),
                "iface=" + link.name() + ",blocksz=" + BLOCK + ",framesz=" + frame + ",framecnt=" + FRAMES, pool.mempool());
        int[] sockets = PacketSockets.boundTo(link.index(), before);
        return new EthPort(UPLINK, device, sockets.length == 0 ? Optional.empty() : Optional.of(sockets));
    }

    private static Uplink describe(DataPathConfig config, UplinkName found, Eal eal, EthPort port, MbufPool pool, KernelGuards guards,
                                   Runnable release) {
        MacAddress mac = found.kernel().map(link -> link.mac()).orElseGet(port.device()::mac);
        int mtu = found.kernel().map(link -> link.mtu()).orElseGet(port.device()::mtu);
        RouteTable routes = found.kernel().map(link -> KernelRoutes.of(link.name())).orElse(RouteTable.ON_LINK);
        Underlay underlay = new Underlay(config.vtep(), config.port(), config.espPort(), mac, !found.kernelHasVtep());
        return new Uplink(port, pool, mtu, Optional.of(new Uplink.Ethernet(underlay, routes)),
                entry(eal), release, guards.clearOnly(),
                List.of("dpdk=" + eal.abi().release(), "uplink=" + found.name(), "driver=" + port.device().name().replaceAll("[0-9]+$", ""),
                        "memory=" + eal.memory(), "vtep=" + (found.kernelHasVtep() ? "shared with the kernel" : "owned")));
    }

    private static PollerThread.ThreadEntry entry(Eal eal) {
        return new PollerThread.ThreadEntry() {
            @Override
            public void enter() {
                eal.registerThread();
            }

            @Override
            public void leave() {
                eal.unregisterThread();
            }
        };
    }

    /** The other end of a veth would hand over TCP unsegmented, in packets that no buffer holds: see {@link XdpPass}. */
    private static Optional<XdpPass> segmentation(UplinkName found) {
        return found.kernel().filter(link -> link.kind().equals("veth")).flatMap(link -> XdpPass.attach(link.index()));
    }

    private static Runnable release(KernelGuards guards, Optional<XdpPass> segmentation) {
        return () -> {
            segmentation.ifPresent(XdpPass::close);
            guards.close();
        };
    }
}
