package dev.weft.dpdk.port;

import dev.weft.api.counter.Counter;
import dev.weft.api.path.UplinkCapture;
import dev.weft.dpdk.pipeline.Burst;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * An interface of the kernel by two DPDK ports: net_af_xdp carries the overlay's packets, which its program takes from the kernel;
 * net_af_packet hears copies of what the kernel gets and we have to know of as well (ARP, neighbour discovery, ICMP), and sends nothing.
 */
public final class XdpPort implements Port {

    private final EthPort xdp;
    private final EthPort beside;
    private final Runnable release;
    private boolean besideFirst;

    /** @param release closes both, in the interface's network namespace */
    public XdpPort(EthPort xdp, EthPort beside, Runnable release) {
        this.xdp = xdp;
        this.beside = beside;
        this.release = release;
    }

    public EthPort xdp() {
        return xdp;
    }

    @Override
    public String name() {
        return xdp.name();
    }

    /** Who is first changes from time to time: a flood at one must not keep the other's packets from a burst. */
    @Override
    public int receive(Burst burst) {
        besideFirst = !besideFirst;
        return besideFirst ? beside.receive(burst) + xdp.receive(burst) : xdp.receive(burst) + beside.receive(burst);
    }

    @Override
    public int transmit(Burst burst, int[] slots, int count) {
        return xdp.transmit(burst, slots, count);
    }

    /** Of the overlay's packets. */
    @Override
    public List<Counter> counters() {
        return xdp.counters();
    }

    /** Of the overlay's packets. */
    @Override
    public Optional<UplinkCapture> watch(int longest) {
        return xdp.watch(longest);
    }

    @Override
    public Optional<int[]> descriptors() {
        return xdp.descriptors().flatMap(overlay -> beside.descriptors()
                .map(others -> IntStream.concat(IntStream.of(overlay), IntStream.of(others)).toArray()));
    }

    @Override
    public void close() {
        release.run();
    }
}
