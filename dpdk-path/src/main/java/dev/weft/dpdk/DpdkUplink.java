package dev.weft.dpdk;

import dev.weft.api.MacAddress;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.UplinkKind;
import dev.weft.dpdk.pipeline.PollerThread;
import dev.weft.dpdk.port.EthPort;
import dev.weft.dpdk.port.MbufPool;
import dev.weft.dpdk.port.Port;
import dev.weft.dpdk.port.XdpPort;
import dev.weft.dpdk.underlay.KernelRoutes;
import dev.weft.dpdk.underlay.RouteTable;
import dev.weft.dpdk.underlay.Underlay;
import dev.weft.ffm.dpdk.Eal;
import dev.weft.ffm.dpdk.EthDev;
import dev.weft.ffm.libc.XdpPass;
import dev.weft.ffm.rtnl.Link;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Opens what {@link UplinkName} found as a DPDK port. A kernel interface is driven by net_af_packet or net_af_xdp and stays the kernel's
 * as well; a PCI device or a vdev is ours alone. Called in the uplink's network namespace.
 */
final class DpdkUplink {

    private static final String UPLINK = "uplink";
    private static final int BUFFERS = 8191;
    /** For each further queue: AF_XDP's driver fills a ring of 2,048 with them, and the kernel gives back what it filled by another. */
    private static final int BUFFERS_MORE = 4096;
    private static final int SMALLEST_FRAME = 2048;
    /** net_af_packet's ring slots hold a tpacket2_hdr and alignment before the frame, and the frame its Ethernet and VLAN headers. */
    private static final int FRAME_OVERHEAD = 128;

    private DpdkUplink() {
    }

    static Uplink open(DataPathConfig config, UplinkName found) {
        KernelGuards guards = found.kernelHasVtep() ? KernelGuards.bind(config) : KernelGuards.NONE;
        try {
            Eal eal = Eal.start();
            return found.kind() == UplinkKind.AF_XDP ? AfXdpUplink.whenQueueIsFree(() -> open(eal, config, found, guards))
                    : open(eal, config, found, guards);
        } catch (RuntimeException e) {
            guards.close();
            throw e;
        }
    }

    private static Uplink open(Eal eal, DataPathConfig config, UplinkName found, KernelGuards guards) {
        int room = room(found);
        MbufPool pool = new MbufPool(eal, BUFFERS + (config.pipeline().queues() - 1) * BUFFERS_MORE, room);
        Optional<KernelTap> tap = Optional.empty();
        try {
            tap = found.tap().map(KernelTap::attach);
            Opened opened = open(eal, config, found, room, pool, guards.clearOnly().isEmpty());
            return describe(config, found, eal, opened, tap, pool, guards);
        } catch (RuntimeException e) {
            tap.ifPresent(KernelTap::close);
            pool.close();
            throw e;
        }
    }

    /** @param device the DPDK port that carries the overlay's packets, or the first one of several */
    private record Opened(Port port, EthDev device) {

        static Opened of(EthPort port) {
            return new Opened(port, port.device());
        }
    }

    private static int room(UplinkName found) {
        if (found.kind() == UplinkKind.AF_XDP) {
            return AfXdpUplink.room(found.kernel().orElseThrow());
        }
        int needed = found.kernel().map(link -> link.mtu() + FRAME_OVERHEAD).orElse(SMALLEST_FRAME);
        int size = Math.max(SMALLEST_FRAME, Integer.highestOneBit(needed - 1) << 1);
        if (size > AfPacketUplink.LARGEST_FRAME) {
            throw new WeftException.DataPathUnavailable("the MTU of uplink " + found.name() + " is larger than the DPDK path takes ("
                    + AfPacketUplink.LARGEST_FRAME / 2 + "); lower it, or take another data path");
        }
        return size;
    }

    private static Opened open(Eal eal, DataPathConfig config, UplinkName found, int room, MbufPool pool, boolean encrypted) {
        int queues = config.pipeline().queues();
        return switch (found.kind()) {
            case PCI -> Opened.of(device(eal, "pci", found, pool, queues));
            case VDEV -> Opened.of(device(eal, "vdev", found, pool, queues));
            case AF_PACKET, INTERFACE -> Opened.of(AfPacketUplink.open(eal, UPLINK, found.kernel().orElseThrow(), room, pool, queues));
            case AF_XDP -> {
                Link link = found.kernel().orElseThrow();
                XdpPort port = AfXdpUplink.open(new AfXdpQueues(eal, link, pool, queues), UPLINK, underlay(config, found, link.mac()), encrypted);
                yield new Opened(port, port.xdp().device());
            }
        };
    }

    private static EthPort device(Eal eal, String bus, UplinkName found, MbufPool pool, int queues) {
        return new EthPort(UPLINK, EthDev.open(eal, bus, found.name(), found.arguments(), pool.mempool(), queues));
    }

    private static Underlay underlay(DataPathConfig config, UplinkName found, MacAddress mac) {
        return new Underlay(config.vtep(), config.port(), config.espPort(), mac, found.owner());
    }

    /** An uplink that cannot be described is closed. */
    private static Uplink describe(DataPathConfig config, UplinkName found, Eal eal, Opened opened, Optional<KernelTap> tap, MbufPool pool,
                                   KernelGuards guards) {
        try {
            return uplink(config, found, eal, opened, tap.map(each -> new KernelSide(config, opened.device(), pool, each)), pool, guards);
        } catch (RuntimeException e) {
            opened.port().close();
            throw e;
        }
    }

    private static Uplink uplink(DataPathConfig config, UplinkName found, Eal eal, Opened opened, Optional<KernelSide> kernel, MbufPool pool,
                                 KernelGuards guards) {
        EthDev device = opened.device();
        MacAddress mac = found.kernel().map(link -> link.mac()).orElseGet(device::mac);
        int mtu = found.kernel().map(link -> link.mtu()).orElseGet(device::mtu);
        RouteTable routes = found.kernel().or(found::tap).map(link -> KernelRoutes.of(link.name())).orElse(RouteTable.ON_LINK);
        return new Uplink(opened.port(), kernel, pool, mtu, Optional.of(new Uplink.Ethernet(underlay(config, found, mac), routes)),
                entry(eal), release(guards, segmentation(found)), guards.clearOnly(),
                properties(config, found, eal, device));
    }

    private static List<String> properties(DataPathConfig config, UplinkName found, Eal eal, EthDev device) {
        List<String> properties = new ArrayList<>(List.of("dpdk=" + eal.abi().release(), "uplink=" + found.name(),
                "driver=" + device.name().replaceAll("[0-9]+$", ""), "queues=" + config.pipeline().queues()));
        if (config.pipeline().queues() > 1) {
            properties.add("rss=" + (found.kernel().isPresent() ? "kernel" : device.rss().isEmpty() ? "none" : device.rss()));
        }
        properties.addAll(List.of("memory=" + eal.memory(), "vtep=" + vtep(found)));
        return properties;
    }

    private static String vtep(UplinkName found) {
        return found.kernelHasVtep() ? "shared with the kernel" + found.tap().map(tap -> " by " + tap.name()).orElse("") : "owned";
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

    /** The other end of a veth would hand over TCP unsegmented, in packets that no buffer holds: see {@link XdpPass}. AF_XDP has a program. */
    private static Optional<XdpPass> segmentation(UplinkName found) {
        return found.kernel().filter(link -> found.kind() != UplinkKind.AF_XDP && link.kind().equals("veth"))
                .flatMap(link -> XdpPass.attach(link.index()));
    }

    private static Runnable release(KernelGuards guards, Optional<XdpPass> segmentation) {
        return () -> {
            segmentation.ifPresent(XdpPass::close);
            guards.close();
        };
    }
}
