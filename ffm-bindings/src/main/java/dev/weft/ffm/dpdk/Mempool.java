package dev.weft.ffm.dpdk;

import dev.weft.api.WeftException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A pool of mbufs: one thread (and the drivers that it calls) takes and gives back. The operations are those of rte_mempool_ops_table, as the
 * inline calls would use them, and pass by the cache that the pool has for each thread; that one is for drivers ({@link Eal#registerThread}).
 */
public final class Mempool implements AutoCloseable {

    /** Mbufs taken or given back with one call. */
    public static final int MOST = 64;

    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final int ANY_SOCKET = -1;
    /** Mbufs that a thread's cache has; DPDK lets it grow to one and a half times that before it gives back. */
    private static final int CACHE = 256;
    /**
     * What keeps the free mbufs, best first. A stack gives the one used last, which is still in the cache; a ring goes round all of them, and a
     * pool is larger than any cache. The stack is a plug-in that not every system has installed.
     */
    private static final List<String> HANDLERS = List.of("stack", "ring_mp_mc");
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final FunctionDescriptor BULK = FunctionDescriptor.of(ValueLayout.JAVA_INT, LONG, LONG, ValueLayout.JAVA_INT);
    /** The address of the operation is its first argument, so that the handle itself is a constant. */
    private static final MethodHandle CALL_BULK = Linker.nativeLinker().downcallHandle(BULK);

    private final Arena arena = Arena.ofShared();
    private final MemorySegment objects = arena.allocate(LONG, MOST);
    private final long objectsAddress = objects.address();
    private final long pool;
    private final MemorySegment enqueue;
    private final MemorySegment dequeue;
    private final MethodHandle free;
    private final MethodHandle available;
    private final MethodHandle objectSize;

    private Mempool(Eal eal, long pool) {
        this.pool = pool;
        MemorySegment table = eal.libraries().symbol("rte_mempool_ops_table").reinterpret(Long.MAX_VALUE);
        int index = MemorySegment.ofAddress(pool).reinterpret(Long.MAX_VALUE).get(ValueLayout.JAVA_INT, MbufLayout.POOL_DATA_OPS_INDEX);
        long operations = MbufLayout.OPS_FIRST + (long) index * MbufLayout.OPS_SIZE;
        enqueue = table.get(ValueLayout.ADDRESS, operations + MbufLayout.OPS_ENQUEUE);
        dequeue = table.get(ValueLayout.ADDRESS, operations + MbufLayout.OPS_DEQUEUE);
        free = eal.libraries().function("rte_mempool_free", FunctionDescriptor.ofVoid(LONG));
        objectSize = eal.libraries().function("rte_mempool_calc_obj_size", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
        available = eal.libraries().function("rte_mempool_avail_count", FunctionDescriptor.of(ValueLayout.JAVA_INT, LONG));
    }

    /**
     * Makes a pool.
     *
     * @param count    mbufs
     * @param dataRoom bytes of each behind its headroom
     * @throws WeftException.DataPathUnavailable if DPDK has not that much memory
     */
    public static Mempool create(Eal eal, int count, int dataRoom) {
        MethodHandle create = eal.libraries().function("rte_pktmbuf_pool_create_by_ops", FunctionDescriptor.of(LONG, ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_SHORT, ValueLayout.JAVA_SHORT, ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS));
        try (Arena names = Arena.ofConfined()) {
            for (String handler : HANDLERS) {
                long pool = (long) create.invokeExact(names.allocateFrom("weft" + NAMES.getAndIncrement()), count, Math.min(CACHE, count / 4),
                        (short) 0, (short) (MbufLayout.HEADROOM + dataRoom), ANY_SOCKET, names.allocateFrom(handler));
                if (pool != 0) {
                    return new Mempool(eal, pool);
                }
            }
            throw new WeftException.DataPathUnavailable("DPDK has no memory for " + count + " packet buffers of " + dataRoom
                    + " bytes; reserve more huge pages (sysctl vm.nr_hugepages)");
        } catch (WeftException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a downcall threw", e);
        }
    }

    /** struct rte_mempool's address. */
    public long address() {
        return pool;
    }

    /** Into how many pieces of memory its mbufs had to be put; net_af_xdp finds those of the first alone. */
    public int chunks() {
        return number(MbufLayout.POOL_MEM_CHUNKS);
    }

    private int number(long offset) {
        return Mbuf.memory().get(ValueLayout.JAVA_INT, pool + offset);
    }

    /**
     * Takes mbufs out of use, for good, that net_af_xdp does not hand over to the kernel: up to 24.03 it takes them to lie without gaps, and there
     * is one at the end of each page. Nobody uses the pool yet.
     */
    public void withholdBeyondGaps() {
        long begin = Mbuf.memory().get(LONG, Mbuf.memory().get(LONG, pool + MbufLayout.POOL_MEM_LIST) + MbufLayout.MEMHDR_ADDR);
        long size = objectSize();
        long end = begin + number(MbufLayout.POOL_POPULATED_SIZE) * size;
        long[] within = new long[number(MbufLayout.POOL_POPULATED_SIZE)];
        int count = 0;
        long[] one = new long[1];
        while (take(one, 1)) {
            if (one[0] - number(MbufLayout.POOL_HEADER_SIZE) + size <= end) {
                within[count++] = one[0];
            }
        }
        for (int from = 0; from < count; from += MOST) {
            give(within, from, Math.min(MOST, count - from));
        }
    }

    /** With its header and what is between it and the next. */
    private long objectSize() {
        try {
            return (int) objectSize.invokeExact(number(MbufLayout.POOL_ELT_SIZE), number(MbufLayout.POOL_FLAGS), MemorySegment.NULL);
        } catch (Throwable e) {
            throw new AssertionError("a downcall threw", e);
        }
    }

    /** Takes all of {@code count} (at most {@link #MOST}) mbufs or none; their fields are as the last user left them. */
    public boolean take(long[] mbufs, int count) {
        try {
            int result = (int) CALL_BULK.invokeExact(dequeue, pool, objectsAddress, count);
            if (result < 0) {
                return false;
            }
        } catch (Throwable e) {
            throw new AssertionError("a downcall threw", e);
        }
        MemorySegment.copy(objects, LONG, 0, mbufs, 0, count);
        return true;
    }

    /** Gives back mbufs of one segment that nobody else refers to. @param from first index; at most {@link #MOST} */
    public void give(long[] mbufs, int from, int count) {
        MemorySegment.copy(mbufs, from, objects, LONG, 0, count);
        try {
            int ignored = (int) CALL_BULK.invokeExact(enqueue, pool, objectsAddress, count);
        } catch (Throwable e) {
            throw new AssertionError("a downcall threw", e);
        }
    }

    /** How many are in the pool; any thread. */
    public int available() {
        try {
            return (int) available.invokeExact(pool);
        } catch (Throwable e) {
            throw new AssertionError("a downcall threw", e);
        }
    }

    /** Frees the memory; the ports that used the pool are closed by then. */
    @Override
    public void close() {
        try {
            free.invokeExact(pool);
        } catch (Throwable e) {
            throw new AssertionError("a downcall threw", e);
        }
        arena.close();
    }
}
