package dev.weft.ffm.dpdk;

import dev.weft.api.MacAddress;
import dev.weft.api.WeftException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** A DPDK port with one receive and one transmit queue. Opened and closed by one thread; bursts are {@link EthBurst}'s. */
public final class EthDev implements AutoCloseable {

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final int QUEUE_LENGTH = 512;

    private final Eal eal;
    private final String bus;
    private final String name;
    private final short port;

    private EthDev(Eal eal, String bus, String name, short port) {
        this.eal = eal;
        this.bus = bus;
        this.name = name;
        this.port = port;
    }

    /**
     * Plugs the device in, gives it one queue each way out of the pool, and starts it. What fails leaves nothing plugged in.
     *
     * @param bus {@code vdev} or {@code pci}
     */
    public static EthDev open(Eal eal, String bus, String name, String arguments, Mempool pool) {
        eal.plug(bus, name, arguments);
        try {
            EthDev device = new EthDev(eal, bus, name, portOf(eal, name));
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
            MemorySegment configuration = arena.allocate(eal.abi().ethConfSize(), Long.BYTES);
            MethodHandle configure = function("rte_eth_dev_configure", FunctionDescriptor.of(INT, U16, U16, U16, ValueLayout.ADDRESS));
            check("configure", (int) configure.invokeExact(port, (short) 1, (short) 1, configuration));
            MethodHandle rx = function("rte_eth_rx_queue_setup", FunctionDescriptor.of(INT, U16, U16, U16, INT, LONG, LONG));
            check("set up the receive queue of", (int) rx.invokeExact(port, (short) 0, (short) QUEUE_LENGTH, 0, 0L, pool.address()));
            MethodHandle tx = function("rte_eth_tx_queue_setup", FunctionDescriptor.of(INT, U16, U16, U16, INT, LONG));
            check("set up the transmit queue of", (int) tx.invokeExact(port, (short) 0, (short) QUEUE_LENGTH, 0, 0L));
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

    /** Its burst functions as they are now: they change when a port stops or starts. */
    public EthBurst burst() {
        return new EthBurst(eal, port());
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
