package dev.weft.mesh.simulation;

import java.util.random.RandomGenerator;

/**
 * How long things take, in microseconds. The ranges are those of machines in one site with disks that sync in milliseconds; a draw is
 * made for each message, so that no two arrive in the same order each time.
 *
 * @param latency  of a message from one machine to another
 * @param commit   from the leader's decision to a server having applied it: one sync and one round trip
 * @param election without a leader nobody is served
 * @param retry    between two attempts of a client to reach a server
 */
record Timing(Range latency, Range commit, Range election, Range retry) {

    /** As {@code ZooKeeperClusterStore} asks for. */
    static final long SESSION_TIMEOUT = 6_000_000;
    /** ZooKeeper looks for sessions that are over at multiples of its tick. */
    static final long TICK = 1_000_000;
    /** A client sends a ping when it was silent for a third of its timeout, and gives a connection up after two. */
    static final long PING = SESSION_TIMEOUT / 3;
    static final long SILENCE = 2 * SESSION_TIMEOUT / 3;
    /** Until a node's thread runs a task that is due; what comes meanwhile is done with it. */
    static final long WAKE_UP = 1_000;
    /** What one request costs a server, and the leader for a transaction. */
    static final long READ_COST = 20;
    static final long TRANSACTION_COST = 100;

    static final Timing ONE_SITE = new Timing(new Range(100, 1_000), new Range(2_000, 8_000), new Range(200_000, 2_000_000),
            new Range(100_000, 1_000_000));

    /** From low to high, both included. */
    record Range(long low, long high) {
        long draw(RandomGenerator random) {
            return random.nextLong(low, high + 1);
        }
    }
}
