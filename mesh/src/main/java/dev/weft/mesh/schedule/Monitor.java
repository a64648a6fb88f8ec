package dev.weft.mesh.schedule;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** State that is changed by one thread and waited for by others. */
public interface Monitor {

    /** Makes a change that no condition sees half done, and lets those who wait look again. */
    void change(Runnable change);

    /**
     * Waits until a condition of that state holds.
     *
     * @param condition called while nothing changes; what it throws ends the wait
     * @return whether it held before the patience was over
     */
    boolean await(BooleanSupplier condition, Duration patience) throws InterruptedException;
}
