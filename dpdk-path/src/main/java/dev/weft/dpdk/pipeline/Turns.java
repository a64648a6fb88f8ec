package dev.weft.dpdk.pipeline;

import dev.weft.dpdk.port.Ports;

/**
 * Which ports a round asks: all of them, as long as packets come one by one, for that is the quickest. While they come in bulk it is not: to ask
 * a tap or a socket that has nothing is a system call, or two, and one poll(2) tells of all of them. So one that was quiet is then asked when
 * that says so, and it is called when no port is busy, and every few rounds beside one that is. Ports without a descriptor are asked in each
 * round. For the poller's thread; allocates nothing.
 */
final class Turns {

    /** Bytes of one burst: a good part of a super-frame, and more than a burst of small datagrams has, of which fewer would arrive. */
    static final int BULK = 16_384;
    /** Ticks (100 ms) that it counts. */
    private static final int BULK_TICKS = 2;
    /**
     * Rounds of busy ports between two looks at the quiet ones. A round may take 60 us, and what came to a quiet port waits for them. With a look
     * in each 16th a stream costs a fiftieth less.
     */
    private static final int LOOK_EVERY = 4;

    private final Ports ports;
    private final Wakeup wakeup;
    private final boolean[] due = new boolean[Ports.CAPACITY];
    private int bulkTicks;
    private boolean busy;
    private int untilLook;
    private boolean all = true;

    Turns(Ports ports, Wakeup wakeup) {
        this.ports = ports;
        this.wakeup = wakeup;
    }

    /** Whether packets come in bulk. */
    boolean isBulk() {
        return bulkTicks > 0;
    }

    /** Before the first port of a round. */
    void begin() {
        if (isBulk() && (!busy || untilLook-- == 0)) {
            untilLook = LOOK_EVERY;
            wakeup.look(ports, due);
        }
        busy = false;
    }

    /** Whether the port has its turn in this round. */
    boolean has(int port) {
        return all || !isBulk() || due[port] || !wakeup.tellsOf(port);
    }

    /** It had its turn. @param packets that it gave: while there are some it is asked again */
    void had(int port, int packets) {
        due[port] = packets > 0;
        busy |= due[port];
    }

    /** A burst had so many bytes. */
    void carried(long bytes) {
        if (bytes >= BULK) {
            bulkTicks = BULK_TICKS;
        }
    }

    /** After the last port of a round. */
    void end() {
        all = false;
    }

    /** The next round asks them all: what a port keeps of an earlier receive, for which there was no buffer then, no descriptor tells of. */
    void tick() {
        all = true;
        bulkTicks = Math.max(0, bulkTicks - 1);
    }
}
