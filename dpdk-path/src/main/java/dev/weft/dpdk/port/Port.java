package dev.weft.dpdk.port;

import dev.weft.api.counter.Counter;
import dev.weft.api.path.UplinkCapture;
import dev.weft.dpdk.pipeline.Burst;
import java.util.List;
import java.util.Optional;

/**
 * Where packets enter and leave the pipeline: a DPDK port, a UDP socket, a tap, an in-process ring. All methods but
 * {@link #close} are called by the poller's thread alone; none blocks.
 */
public interface Port extends AutoCloseable {

    /** What the pipeline finds at the front of a received packet, and leaves there for transmit. */
    enum Framing {
        /** An Ethernet frame. Endpoints are of this kind, and uplinks that are devices. */
        ETHERNET,
        /**
         * A UDP payload (VXLAN header or ESP header first, as {@link Burst#wire} says); the socket makes and takes off what is before it.
         * {@link Burst#peer} says who.
         */
        UDP_PAYLOAD
    }

    /** What its counters stand under: {@code uplink}, {@code endpoint:web1@256}. */
    String name();

    default Framing framing() {
        return Framing.ETHERNET;
    }

    /**
     * Adds waiting packets to the burst ({@link Burst#add}), at most as many as fit.
     *
     * @return how many were added
     */
    int receive(Burst burst);

    /**
     * Sends the packets in the given slots, in order. The port owns the buffers of those it accepts and gives them back to the
     * pool when they are sent; the caller keeps the others and drops them as RING_FULL.
     *
     * @param slots indices into the burst; the first {@code count} are meant
     * @return how many were accepted, from the front
     */
    int transmit(Burst burst, int[] slots, int count);

    /** An uplink's: why no ESP can come or go by it, and what to do; empty: it can. */
    default Optional<String> clearOnly() {
        return Optional.empty();
    }

    /** Packets that it accepted and that the operating system then refused to send; any thread may ask. */
    default long sendErrors() {
        return 0;
    }

    /** What it counts beside what the poller counts of all ports; any thread. */
    default List<Counter> counters() {
        return List.of();
    }

    /**
     * An uplink's: watches what goes through it; any thread. Empty: packet sockets of the operating system see it all.
     *
     * @param longest bytes of a frame
     * @throws dev.weft.api.WeftException.DataPathFailed if somebody watches it already
     */
    default Optional<UplinkCapture> watch(int longest) {
        return Optional.empty();
    }

    /**
     * How a poller that sleeps learns of packets: descriptors that can be read then; none of them: the port wakes it. Empty: it can only be
     * asked.
     */
    default Optional<int[]> descriptors() {
        return Optional.empty();
    }

    /** Frees what the port holds, packets included, in the poller's thread or after it has ended. */
    @Override
    void close();

    /**
     * After {@link #close}: frees packets that the port's user still held then. The poller asks again until it is so.
     *
     * @return true when the port holds nothing any more
     */
    default boolean reclaim() {
        return true;
    }
}
