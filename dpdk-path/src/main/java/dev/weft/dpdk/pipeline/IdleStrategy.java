package dev.weft.dpdk.pipeline;

/**
 * What a poller does after a round that found no work: spins, on a core of its own for ever; else yields after a while, and then
 * sleeps ({@link Wakeup}).
 */
public final class IdleStrategy {

    private static final int SPINS = 200;
    private static final int YIELDS = 50;

    private final boolean busySpin;
    private int idleRounds;

    public IdleStrategy(boolean busySpin) {
        this.busySpin = busySpin;
    }

    /**
     * @param worked whether the round found work
     * @return true when it is time to sleep
     */
    public boolean after(boolean worked) {
        if (worked) {
            idleRounds = 0;
            return false;
        }
        if (busySpin || idleRounds < SPINS) {
            idleRounds++;
            Thread.onSpinWait();
        } else if (idleRounds < SPINS + YIELDS) {
            idleRounds++;
            Thread.yield();
        } else {
            return true;
        }
        return false;
    }
}
