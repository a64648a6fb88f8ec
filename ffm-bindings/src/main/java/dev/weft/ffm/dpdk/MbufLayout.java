package dev.weft.ffm.dpdk;

/** Offsets in struct rte_mbuf and struct rte_mempool that all known releases share; {@link DpdkAbi} has the others. */
public final class MbufLayout {

    public static final int BUF_ADDR = 0;
    /** data_off, refcnt, nb_segs and port, two bytes each, are set with one store (DPDK calls them rearm_data). */
    public static final int DATA_OFF = 16;
    public static final int REFCNT = 18;
    public static final int NB_SEGS = 20;
    public static final int PORT = 22;
    public static final int OL_FLAGS = 24;
    public static final int PACKET_TYPE = 32;
    public static final int PKT_LEN = 36;
    public static final int DATA_LEN = 40;
    public static final int BUF_LEN = 54;
    public static final int POOL = 56;
    public static final int TX_OFFLOAD = 72;

    /** RTE_PKTMBUF_HEADROOM of all distributions' builds. */
    public static final int HEADROOM = 128;
    /** refcnt 1, nb_segs 1, no port, data behind the headroom: how an mbuf leaves the pool. */
    static final long FRESH = HEADROOM | 1L << 16 | 1L << 32 | 0xffffL << 48;

    static final int POOL_DATA_OPS_INDEX = 88;
    static final int POOL_FLAGS = 56;
    static final int POOL_ELT_SIZE = 72;
    static final int POOL_HEADER_SIZE = 76;
    static final int POOL_POPULATED_SIZE = 104;
    static final int POOL_MEM_CHUNKS = 128;
    static final int POOL_MEM_LIST = 136;
    static final int MEMHDR_ADDR = 16;
    /** struct rte_mempool_ops_table: a spinlock, a count, and at a cache line's start the operations. */
    static final int OPS_FIRST = 64;
    static final int OPS_SIZE = 128;
    static final int OPS_ENQUEUE = 48;
    static final int OPS_DEQUEUE = 56;

    private MbufLayout() {
    }
}
