package dev.weft.dpdk.port;

import dev.weft.api.WeftException;
import dev.weft.api.counter.Counter;
import dev.weft.api.path.UplinkCapture;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.ffm.dpdk.EthBurst;
import dev.weft.ffm.dpdk.EthDev;
import dev.weft.ffm.dpdk.Mbuf;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

/**
 * A DPDK port, or several that are one interface: mbufs go in and out as they are. It receives from all queues in turn; who fills them puts a
 * flow's packets into one, so they keep their order. It sends by the first one: one thread needs no more.
 */
public final class EthPort implements Port {

    private final String name;
    private final List<EthDev> devices;
    private final EthBurst[] queues;
    private final EthBurst first;
    /** Packets received, by queue. */
    private final AtomicLongArray received;
    private int turn;
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
        this(name, List.of(device), descriptors);
    }

    /** @param devices of one interface, with different queues of it */
    public EthPort(String name, List<EthDev> devices, Optional<int[]> descriptors) {
        this.name = name;
        this.devices = List.copyOf(devices);
        this.queues = devices.stream().flatMap(device -> IntStream.range(0, device.queues()).mapToObj(device::burst)).toArray(EthBurst[]::new);
        this.first = queues[0];
        this.received = new AtomicLongArray(queues.length);
        this.descriptors = descriptors;
    }

    /** The first one. */
    public EthDev device() {
        return devices.getFirst();
    }

    /** How many there are each way. */
    public int queues() {
        return queues.length;
    }

    @Override
    public Optional<int[]> descriptors() {
        return descriptors;
    }

    @Override
    public String name() {
        return name;
    }

    /** Each queue is the first one in its turn: a flood at one must not keep another's packets from a burst. */
    @Override
    public int receive(Burst burst) {
        int before = burst.count;
        int queue = turn;
        for (int asked = 0; asked < queues.length && burst.count < Burst.CAPACITY; asked++) {
            receive(burst, queue);
            queue = behind(queue);
        }
        turn = behind(turn);
        PortCapture watching = capture.getOpaque();
        if (watching != null) {
            for (int i = before; i < burst.count; i++) {
                watching.add(burst.memory(), burst.at(i), burst.length[i]);
            }
        }
        return burst.count - before;
    }

    private int behind(int queue) {
        return queue + 1 == queues.length ? 0 : queue + 1;
    }

    /** Queues are set up without scatter, so a packet is always one segment. */
    private void receive(Burst burst, int number) {
        EthBurst queue = queues[number];
        int next = burst.count;
        int count = queue.receive(Burst.CAPACITY - next);
        for (int i = 0; i < count; i++) {
            long mbuf = queue.packet(i);
            burst.buffer[next + i] = mbuf;
            burst.offset[next + i] = Mbuf.data(mbuf);
            burst.length[next + i] = Mbuf.dataLength(mbuf);
        }
        burst.added(count);
        if (count > 0) {
            received.setOpaque(number, received.getPlain(number) + count);
        }
    }

    /** What each queue received, where there are several. */
    @Override
    public List<Counter> counters() {
        return queues.length == 1 ? List.of() : IntStream.range(0, queues.length)
                .mapToObj(queue -> new Counter(name, "rx-packets:queue" + queue, received.getOpaque(queue))).toList();
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
            first.packet(i, mbuf);
        }
        return first.transmit(count);
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
        devices.forEach(EthDev::close);
    }
}
