package dev.weft.dpdk.pipeline;

import dev.weft.dpdk.port.Port;
import dev.weft.dpdk.port.Ports;
import dev.weft.ffm.libc.ReadinessWait;
import java.lang.invoke.VarHandle;
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
        if (portsSeen != ports.changes()) {
            portsSeen = ports.changes();
            watch(ports);
        }
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

    private void watch(Ports ports) {
        Port[] all = IntStream.range(0, ports.size()).mapToObj(ports::get).filter(port -> port != null).toArray(Port[]::new);
        allTell = readiness != null;
        IntStream.Builder descriptors = IntStream.builder();
        for (Port port : all) {
            port.descriptors().ifPresentOrElse(list -> IntStream.of(list).forEach(descriptors), () -> allTell = false);
        }
        if (allTell) {
            readiness.watch(descriptors.build().toArray());
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
