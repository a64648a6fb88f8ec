package dev.weft.ffm.dpdk;

import dev.weft.api.MacAddress;
import dev.weft.api.WeftException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** A DPDK port with as many receive as transmit queues. Opened and closed by one thread; bursts are {@link EthBurst}'s. */
public final class EthDev implements AutoCloseable {

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final int QUEUE_LENGTH = 512;

    private final Eal eal;
    private final String bus;
    private final String name;
    private final short port;
    private final int queues;
    private long rss;

    private EthDev(Eal eal, String bus, String name, short port, int queues) {
        this.eal = eal;
        this.bus = bus;
        this.name = name;
        this.port = port;
        this.queues = queues;
    }

    /** With one queue each way. */
    public static EthDev open(Eal eal, String bus, String name, String arguments, Mempool pool) {
        return open(eal, bus, name, arguments, pool, 1);
    }

    /**
     * Plugs the device in, gives it queues out of the pool, and starts it. What fails leaves nothing plugged in. With several queues the device
     * chooses by what tells flows of the overlay apart, if it can be told to.
     *
     * @param bus    {@code vdev} or {@code pci}
     * @param queues each way
     * @throws WeftException.DataPathUnavailable if the device has fewer, or DPDK refuses
     */
    public static EthDev open(Eal eal, String bus, String name, String arguments, Mempool pool, int queues) {
        eal.plug(bus, name, arguments);
        try {
            EthDev device = new EthDev(eal, bus, name, portOf(eal, name), queues);
            device.start(pool);
            return device;
        } catch (RuntimeException e) {
            eal.unplug(bus, name);
            throw e;
        }
    }

    private static short portOf(Eal eal, String name) {
        MethodHandle find = eal.libraries().function("rte_eth_dev_get_port_by_name",
                FunctionDescriptor.of(INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment port = arena.allocate(U16);
            int result = (int) find.invokeExact(arena.allocateFrom(name), port);
            if (result < 0) {
                throw new WeftException.DataPathUnavailable("DPDK made no port of " + name + " (error " + -result + ")");
            }
            return port.get(U16, 0);
        } catch (WeftException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a downcall threw", e);
        }
    }

    private void start(Mempool pool) {
        try (Arena arena = Arena.ofConfined()) {
            MethodHandle configure = function("rte_eth_dev_configure", FunctionDescriptor.of(INT, U16, U16, U16, ValueLayout.ADDRESS));
            check("configure", (int) configure.invokeExact(port, (short) queues, (short) queues, configuration(arena)));
            MethodHandle rx = function("rte_eth_rx_queue_setup", FunctionDescriptor.of(INT, U16, U16, U16, INT, LONG, LONG));
            MethodHandle tx = function("rte_eth_tx_queue_setup", FunctionDescriptor.of(INT, U16, U16, U16, INT, LONG));
            for (short queue = 0; queue < queues; queue++) {
                check("set up receive queue " + queue + " of", (int) rx.invokeExact(port, queue, (short) QUEUE_LENGTH, 0, 0L, pool.address()));
                check("set up transmit queue " + queue + " of", (int) tx.invokeExact(port, queue, (short) QUEUE_LENGTH, 0, 0L));
            }
            MethodHandle start = function("rte_eth_dev_start", FunctionDescriptor.of(INT, U16));
            check("start", (int) start.invokeExact(port));
            // Neighbour solicitations come to groups (RFC 4291, 2.7.1). A driver that knows of no groups (ENOTSUP) hears all of them.
            int ignored = (int) function("rte_eth_allmulticast_enable", FunctionDescriptor.of(INT, U16)).invokeExact(port);
        } catch (WeftException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a downcall threw", e);
        }
    }

    /** All zero for one queue; else with RSS, where the device offers what we want. A driver that spreads packets by itself offers nothing. */
    private MemorySegment configuration(Arena arena) throws Throwable {
        MemorySegment configuration = arena.allocate(eal.abi().ethConfSize(), Long.BYTES);
        if (queues > 1) {
            MemorySegment info = arena.allocate(EthLayout.INFO_SIZE, Long.BYTES);
            check("look at", (int) function("rte_eth_dev_info_get", FunctionDescriptor.of(INT, U16, ValueLayout.ADDRESS)).invokeExact(port, info));
            requireQueues(info.get(U16, eal.abi().maxQueues()) & 0xffff, info.get(U16, eal.abi().maxQueues() + Short.BYTES) & 0xffff);
            rss = Rss.of(info.get(LONG, EthLayout.INFO_RSS_OFFLOADS));
            if (rss != 0) {
                configuration.set(INT, EthLayout.CONF_MQ_MODE, EthLayout.MQ_RX_RSS);
                configuration.set(LONG, EthLayout.CONF_RSS_HASHES, rss);
            }
        }
        return configuration;
    }

    private void requireQueues(int receive, int transmit) {
        if (queues > Math.min(receive, transmit)) {
            throw new WeftException.DataPathUnavailable(queues + " queues are asked for, and " + name + " has " + receive + " to receive and "
                    + transmit + " to transmit by; ask for " + Math.min(receive, transmit) + " at most");
        }
    }

    private MethodHandle function(String symbol, FunctionDescriptor descriptor) {
        return eal.libraries().function(symbol, descriptor);
    }

    private void check(String asked, int result) {
        if (result < 0) {
            throw new WeftException.DataPathUnavailable("DPDK cannot " + asked + " port " + name + " (error " + -result + ")");
        }
    }

    public String name() {
        return name;
    }

    /** How many there are each way. */
    public int queues() {
        return queues;
    }

    /** What the device chooses the receive queue by, as DPDK names it; empty: there is one, or the driver has its own way. */
    public String rss() {
        return Rss.describe(rss);
    }

    /** DPDK's number of the port. */
    public int port() {
        return port & 0xffff;
    }

    public MacAddress mac() {
        MethodHandle get = function("rte_eth_macaddr_get", FunctionDescriptor.of(INT, U16, ValueLayout.ADDRESS));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment octets = arena.allocate(6);
            check("read the MAC of", (int) get.invokeExact(port, octets));
            return MacAddress.of(octets.toArray(ValueLayout.JAVA_BYTE));
        } catch (WeftException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a downcall threw", e);
        }
    }

    /** Bytes of an IP packet that the port carries. */
    public int mtu() {
        MethodHandle get = function("rte_eth_dev_get_mtu", FunctionDescriptor.of(INT, U16, ValueLayout.ADDRESS));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mtu = arena.allocate(U16);
            check("read the MTU of", (int) get.invokeExact(port, mtu));
            return mtu.get(U16, 0) & 0xffff;
        } catch (WeftException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a downcall threw", e);
        }
    }

    /** Its burst functions, for the first queue each way. */
    public EthBurst burst() {
        return burst(0);
    }

    /** Its burst functions as they are now, for one queue each way: they change when a port stops or starts. */
    public EthBurst burst(int queue) {
        return new EthBurst(eal, port(), queue);
    }

    /** Stops the port, frees what its queues hold, and takes the device out. */
    @Override
    public void close() {
        try {
            int ignored = (int) function("rte_eth_dev_stop", FunctionDescriptor.of(INT, U16)).invokeExact(port);
            int ignoredToo = (int) function("rte_eth_dev_close", FunctionDescriptor.of(INT, U16)).invokeExact(port);
        } catch (Throwable e) {
            throw new AssertionError("a downcall threw", e);
        }
        eal.unplug(bus, name);
    }
}
