package dev.weft.dpdk.table;

/** All that the packet path looks up, as one immutable snapshot. Read by pollers without a lock; replaced whole by apply. */
public final class Tables {
}
