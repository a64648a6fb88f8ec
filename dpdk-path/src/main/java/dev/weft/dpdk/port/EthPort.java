package dev.weft.dpdk.port;

import dev.weft.api.WeftException;
import dev.weft.api.path.UplinkCapture;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.ffm.dpdk.EthBurst;
import dev.weft.ffm.dpdk.EthDev;
import dev.weft.ffm.dpdk.Mbuf;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** A DPDK port: mbufs go in and out as they are. */
public final class EthPort implements Port {

    private final String name;
    private final EthDev device;
    private final EthBurst queue;
    private final Optional<int[]> descriptors;
    private final AtomicReference<PortCapture> capture = new AtomicReference<>();

    /** One that can only be asked. @param device started, its queues fed from the pool of the data path; the port closes it */
    public EthPort(String name, EthDev device) {
        this(name, device, Optional.empty());
    }

    /**
     * @param device      started, its queues fed from the pool of the data path; the port closes it
     * @param descriptors of the driver, which can be read when there are packets
     */
    public EthPort(String name, EthDev device, Optional<int[]> descriptors) {
        this.name = name;
        this.device = device;
        this.queue = device.burst();
        this.descriptors = descriptors;
    }

    public EthDev device() {
        return device;
    }

    @Override
    public Optional<int[]> descriptors() {
        return descriptors;
    }

    @Override
    public String name() {
        return name;
    }

    /** Queues are set up without scatter, so a packet is always one segment. */
    @Override
    public int receive(Burst burst) {
        int first = burst.count;
        int received = queue.receive(Burst.CAPACITY - first);
        for (int i = 0; i < received; i++) {
            long mbuf = queue.packet(i);
            burst.buffer[first + i] = mbuf;
            burst.offset[first + i] = Mbuf.data(mbuf);
            burst.length[first + i] = Mbuf.dataLength(mbuf);
        }
        burst.added(received);
        PortCapture watching = capture.getOpaque();
        if (watching != null) {
            for (int i = first; i < burst.count; i++) {
                watching.add(burst.memory(), burst.at(i), burst.length[i]);
            }
        }
        return received;
    }

    @Override
    public int transmit(Burst burst, int[] slots, int count) {
        PortCapture watching = capture.getOpaque();
        if (watching != null) {
            watching.add(burst, slots, count);
        }
        for (int i = 0; i < count; i++) {
            int slot = slots[i];
            long mbuf = burst.buffer[slot];
            Mbuf.prepare(mbuf, burst.at(slot), burst.length[slot]);
            queue.packet(i, mbuf);
        }
        return queue.transmit(count);
    }

    @Override
    public Optional<UplinkCapture> watch(int longest) {
        PortCapture fresh = new PortCapture(longest, it -> capture.compareAndSet(it, null));
        if (!capture.compareAndSet(null, fresh)) {
            throw new WeftException.DataPathFailed("port " + name + " is watched already; try again when that is over");
        }
        return Optional.of(fresh);
    }

    @Override
    public void close() {
        device.close();
    }
}
