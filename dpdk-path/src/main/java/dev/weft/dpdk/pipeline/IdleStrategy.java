package dev.weft.dpdk.pipeline;

/**
 * What a poller does after a round that found no work: spins, on a core of its own for ever; else yields for a while, and then sleeps
 * ({@link Wakeup}). It yields from the first round: whoever waits for the core may be the one that is to send the next packet, and a core
 * that nobody waits for is given back at once.
 */
public final class IdleStrategy {

    private static final int YIELDS = 20;

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
        } else if (busySpin) {
            Thread.onSpinWait();
        } else if (idleRounds < YIELDS) {
            idleRounds++;
            Thread.yield();
        } else {
            return true;
        }
        return false;
    }
}
