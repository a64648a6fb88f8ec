package dev.weft.dpdk;

import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathConfig;
import dev.weft.dpdk.port.PacketPool;
import dev.weft.dpdk.port.TapPort;
import dev.weft.ffm.dpdk.EthDev;
import dev.weft.ffm.netlink.NetlinkException;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the kernel's way to a device that DPDK has for itself. The tap is the operator's: it may be removed, and then its port goes too; when
 * there is one again with the data-path address, that is taken up.
 *
 * <pre>
 *              the port says that it is gone: it is closed
 *   HAS A TAP ---------------------------------------------> HAS NONE: packets for the kernel are dropped as port-closed
 *             &lt;---------------------------------------------
 *              a tap with the data-path address is there
 * </pre>
 */
final class KernelSide implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(KernelSide.class);
    private static final long LOOK_AGAIN_MS = 1_000;

    private final DataPathConfig config;
    private final EthDev device;
    private final PacketPool pool;
    private final Thread watch = Thread.ofPlatform().daemon().name("weft-kernel-tap").unstarted(this::watch);
    private final CountDownLatch closed = new CountDownLatch(1);
    private Packets packets;
    /** Null while there is none. The watching thread's, once that runs. */
    private TapPort port;
    private String told = "";

    /** The packet path, which takes ports over. */
    interface Packets {

        void add(TapPort port);

        /** Closes it. */
        void remove();
    }

    /** @param tap the first one, which is taken over; in its namespace */
    KernelSide(DataPathConfig config, EthDev device, PacketPool pool, KernelTap tap) {
        this.config = config;
        this.device = device;
        this.pool = pool;
        this.port = tap.port(device, pool);
    }

    /** Once: packets come and go from now on. */
    void begin(Packets path) {
        packets = path;
        packets.add(port);
        watch.start();
    }

    private void watch() {
        try {
            while (!closed.await(LOOK_AGAIN_MS, TimeUnit.MILLISECONDS)) {
                look();
            }
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts this thread", e);
        }
    }

    private void look() {
        try {
            if (port != null && port.isGone()) {
                port = null;
                packets.remove();
                LOG.warn("the tap of {} is gone, and with it the kernel's way there; make it again, with the address {} and its routes",
                        device.name(), config.vtep().getHostAddress());
            }
            if (port == null) {
                takeUp();
            }
        } catch (WeftException | NetlinkException e) {
            tell(e.getMessage());
        }
    }

    private void takeUp() {
        Optional<TapPort> found = UplinkNamespace.call(config.namespace(), () -> UplinkName.find(config).tap().map(link -> {
            KernelTap tap = KernelTap.attach(link);
            try {
                return tap.port(device, pool);
            } catch (RuntimeException e) {
                tap.close();
                throw e;
            }
        }));
        if (found.isPresent()) {
            packets.add(found.get());
            port = found.get();
            told = "";
            LOG.info("the kernel has its tap of {} again", device.name());
        }
    }

    private void tell(String failure) {
        if (!failure.equals(told)) {
            told = failure;
            LOG.warn("the kernel's tap of {} cannot be taken up: {}", device.name(), failure);
        }
    }

    /** Ports are what they are from now on. Idempotent. */
    @Override
    public void close() {
        closed.countDown();
        boolean interrupted = false;
        while (watch.isAlive()) {
            try {
                watch.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
