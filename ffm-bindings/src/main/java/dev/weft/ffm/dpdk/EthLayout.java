package dev.weft.ffm.dpdk;

/** Offsets of what a device is asked and told about its queues, in bytes, on which all known releases agree. */
final class EthLayout {

    /** Of struct rte_eth_dev_info. */
    static final int INFO_SIZE = 376;
    static final int INFO_RSS_OFFLOADS = 112;
    /** In struct rte_eth_conf: rxmode.mq_mode, an enum. */
    static final int CONF_MQ_MODE = 8;
    /** In struct rte_eth_conf: rx_adv_conf.rss_conf.rss_hf, eight bytes. The key before it stays null: the driver has one. */
    static final int CONF_RSS_HASHES = 144;
    /** RTE_ETH_MQ_RX_RSS. */
    static final int MQ_RX_RSS = 1;

    private EthLayout() {
    }
}
