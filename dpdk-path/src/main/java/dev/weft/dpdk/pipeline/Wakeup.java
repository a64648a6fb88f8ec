package dev.weft.dpdk.pipeline;

import dev.weft.dpdk.port.Ports;
import dev.weft.ffm.libc.ReadinessWait;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * How a poller sleeps and is woken. Where every port has a descriptor, or says itself when there is work, it sleeps until then; a DPDK
 * port can only be asked, so beside one it naps, longer and longer.
 *
 * <pre>
 *   poller                                     whoever has work
 *     falling asleep: asleep = true              makes the work visible
 *     fence                                      fence
 *     looks once more; nothing: sleep            asleep? wakes it
 * </pre>
 * Each makes its own part visible before it looks at the other's, so one of the two sees the other.
 */
public final class Wakeup {

    private static final long SHORTEST_NAP = TimeUnit.MICROSECONDS.toNanos(5);
    private static final long LONGEST_NAP = TimeUnit.MICROSECONDS.toNanos(250);
    /** Housekeeping goes by the clock. */
    private static final int LONGEST_SLEEP_MS = 100;

    /** Null where there is no such thing: naps only. */
    private final ReadinessWait readiness;
    private volatile boolean asleep;
    private volatile long sleeps;
    private boolean closed;
    private int portsSeen = -1;
    private boolean allTell;
    /** The port of each descriptor that is watched. */
    private int[] owners = {};
    /** Of each port: has it a descriptor? */
    private final boolean[] watched = new boolean[Ports.CAPACITY];
    /** What {@link #look} finds is known from the end of the last sleep. */
    private boolean known;
    private boolean sleptInVain;
    private long nap = SHORTEST_NAP;

    private Wakeup(ReadinessWait readiness) {
        this.readiness = readiness;
    }

    /** One that sleeps where the system allows it. */
    public static Wakeup create() {
        try {
            return new Wakeup(ReadinessWait.open());
        } catch (LinkageError | IllegalCallerException | IllegalStateException _) {
            // No Linux, or no native access.
            return naps();
        }
    }

    /** One that only naps. */
    public static Wakeup naps() {
        return new Wakeup(null);
    }

    /** Any thread, after it has made work visible to the poller. */
    public void signal() {
        VarHandle.fullFence();
        if (asleep) {
            asleep = false;
            wake();
        }
    }

    /** The lock keeps a late signal from writing to a descriptor that is somebody else's by then. */
    private synchronized void wake() {
        if (readiness != null && !closed) {
            readiness.wake();
        }
    }

    /** The poller, before it looks for work for the last time. */
    void fallAsleep() {
        asleep = true;
        VarHandle.fullFence();
    }

    /** The poller, when there was none. Returns when there may be some; when there is, {@link #awake} is told. */
    void sleep(Ports ports) {
        adopt(ports);
        // A descriptor that is ready while its port has nothing (its interface is gone) must not keep the thread running.
        if (!allTell || sleptInVain) {
            LockSupport.parkNanos(nap);
            nap = Math.min(2 * nap, LONGEST_NAP);
        }
        sleeps = sleeps + 1;
        if (allTell) {
            long began = System.nanoTime();
            readiness.await(LONGEST_SLEEP_MS);
            sleptInVain = System.nanoTime() - began < LONGEST_NAP;
            known = true;
        }
        asleep = false;
    }

    /** The poller: there was work. */
    void awake() {
        asleep = false;
        sleptInVain = false;
        nap = SHORTEST_NAP;
    }

    boolean isAsleep() {
        return asleep;
    }

    /** How often it has slept or napped so far; any thread. */
    long sleeps() {
        return sleeps;
    }

    private void adopt(Ports ports) {
        if (portsSeen != ports.changes()) {
            portsSeen = ports.changes();
            watch(ports);
        }
    }

    private void watch(Ports ports) {
        allTell = readiness != null;
        known = false;
        Arrays.fill(watched, false);
        IntStream.Builder descriptors = IntStream.builder();
        IntStream.Builder whose = IntStream.builder();
        for (int index = 0; index < ports.size(); index++) {
            Optional<int[]> own = ports.get(index) == null ? Optional.of(new int[0]) : ports.get(index).descriptors();
            allTell = allTell && own.isPresent();
            for (int descriptor : own.orElseGet(() -> new int[0])) {
                watched[index] = true;
                whose.add(index);
                descriptors.add(descriptor);
            }
        }
        owners = whose.build().toArray();
        if (allTell) {
            readiness.watch(descriptors.build().toArray());
        }
    }

    /** The poller: whether {@link #look} knows of this port. */
    boolean tellsOf(int port) {
        return allTell && watched[port];
    }

    /**
     * The poller: which ports can be received from, of those that {@link #tellsOf} names. One system call for all of them.
     *
     * @param ready set for each of these
     */
    void look(Ports ports, boolean[] ready) {
        adopt(ports);
        if (!allTell) {
            return;
        }
        if (!known) {
            readiness.await(0);
        }
        known = false;
        for (int i = 0; i < owners.length; i++) {
            ready[owners[i]] |= readiness.isReady(i);
        }
    }

    /** After the poller has ended. */
    synchronized void close() {
        if (readiness != null && !closed) {
            readiness.close();
        }
        closed = true;
    }
}
