package dev.weft.dpdk.table;

/**
 * How many flows a backend of a service has at this node. Tables only hand it on, from one snapshot to the next; the number is the
 * poller's own.
 */
public final class LiveFlows {

    private int count;

    public int count() {
        return count;
    }

    public void begun() {
        count++;
    }

    public void ended() {
        count--;
    }
}
