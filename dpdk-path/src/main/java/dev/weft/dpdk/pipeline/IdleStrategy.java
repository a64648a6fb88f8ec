package dev.weft.dpdk.pipeline;

/**
 * What a poller does after a round that found no work: yields for a while, and then sleeps ({@link Wakeup}); or spins for ever, and yields now
 * and then. It yields from the first round: whoever waits for the core may be the one that is to send the next packet, and a core that nobody
 * waits for is given back at once.
 */
public final class IdleStrategy {

    private static final int YIELDS = 20;
    /** While packets come in bulk: who sleeps for a moment finds more of them at once, and leaves the core to who makes them. */
    private static final int YIELDS_IN_BULK = 4;
    /**
     * A core of its own is not a core where nothing else ever runs: whoever has to wait there waits for milliseconds, a time slice, where the
     * one who spins waits for nothing. With both ends of a round trip spinning on two cores the median was a quarter less, and the slowest of a
     * hundred took a tenth.
     */
    private static final int SPINS = 32;

    private final boolean busySpin;
    private int idleRounds;

    public IdleStrategy(boolean busySpin) {
        this.busySpin = busySpin;
    }

    /**
     * @param worked whether the round found work
     * @param bulk   whether packets come in bulk
     * @return true when it is time to sleep
     */
    public boolean after(boolean worked, boolean bulk) {
        if (worked) {
            idleRounds = 0;
        } else if (busySpin) {
            spin();
        } else if (idleRounds < (bulk ? YIELDS_IN_BULK : YIELDS)) {
            idleRounds++;
            Thread.yield();
        } else {
            return true;
        }
        return false;
    }

    private void spin() {
        idleRounds++;
        if (idleRounds == SPINS) {
            idleRounds = 0;
            Thread.yield();
        } else {
            Thread.onSpinWait();
        }
    }
}
