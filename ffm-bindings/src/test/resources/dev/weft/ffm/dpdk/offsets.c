/* Prints the offsets that DpdkAbi and MbufLayout state, as the installed headers have them. A test's oracle; no part of the product. */
#include <stddef.h>
#include <stdio.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_version.h>

#define FIELD(type, field) printf(#type "." #field "=%zu\n", offsetof(struct type, field))

int main(void)
{
    printf("release=%d.%02d\n", RTE_VER_YEAR, RTE_VER_MONTH);
    printf("headroom=%d\n", RTE_PKTMBUF_HEADROOM);
    printf("rte_eth_fp_ops=%zu\n", sizeof(struct rte_eth_fp_ops));
    FIELD(rte_eth_fp_ops, rx_pkt_burst);
    FIELD(rte_eth_fp_ops, rxq);
    FIELD(rte_eth_fp_ops, tx_pkt_burst);
    FIELD(rte_eth_fp_ops, txq);
    FIELD(rte_mbuf, buf_addr);
    FIELD(rte_mbuf, data_off);
    FIELD(rte_mbuf, refcnt);
    FIELD(rte_mbuf, nb_segs);
    FIELD(rte_mbuf, port);
    FIELD(rte_mbuf, ol_flags);
    FIELD(rte_mbuf, packet_type);
    FIELD(rte_mbuf, pkt_len);
    FIELD(rte_mbuf, data_len);
    FIELD(rte_mbuf, buf_len);
    FIELD(rte_mbuf, pool);
    FIELD(rte_mbuf, tx_offload);
    FIELD(rte_mbuf, next);
    FIELD(rte_mempool, ops_index);
    FIELD(rte_mempool, flags);
    FIELD(rte_mempool, elt_size);
    FIELD(rte_mempool, header_size);
    FIELD(rte_mempool, populated_size);
    FIELD(rte_mempool, nb_mem_chunks);
    FIELD(rte_mempool, mem_list);
    FIELD(rte_mempool_memhdr, addr);
    FIELD(rte_mempool_ops_table, ops);
    printf("rte_mempool_ops=%zu\n", sizeof(struct rte_mempool_ops));
    FIELD(rte_mempool_ops, enqueue);
    FIELD(rte_mempool_ops, dequeue);
    printf("rte_eth_conf=%zu\n", sizeof(struct rte_eth_conf));
    FIELD(rte_eth_conf, rxmode.mq_mode);
    FIELD(rte_eth_conf, rx_adv_conf.rss_conf.rss_hf);
    printf("RTE_ETH_MQ_RX_RSS=%d\n", RTE_ETH_MQ_RX_RSS);
    printf("rte_eth_dev_info=%zu\n", sizeof(struct rte_eth_dev_info));
    FIELD(rte_eth_dev_info, max_rx_queues);
    FIELD(rte_eth_dev_info, max_tx_queues);
    FIELD(rte_eth_dev_info, flow_type_rss_offloads);
    printf("rss=%llu\n", RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_UDP | RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_NONFRAG_IPV6_UDP | RTE_ETH_RSS_ESP);
    return 0;
}
