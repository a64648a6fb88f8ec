/* What both directions of the twin share: bursts, headers, look-ups. The work and the stages are those of dev.weft.dpdk.stage. */
#ifndef TWIN_H
#define TWIN_H

#include <intel-ipsec-mb.h>
#include <rte_byteorder.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_prefetch.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BURST 64
#define NONE UINT32_MAX
#define GOLDEN 0x9e3779b97f4a7c15ULL

#define VNI 77
#define VXLAN_PORT 4789
#define ESP_OVERHEAD 16
#define ICV 16
#define TEMPLATE 34

static inline uint16_t be16(const uint8_t *p) { uint16_t v; memcpy(&v, p, 2); return rte_be_to_cpu_16(v); }
static inline uint32_t be32(const uint8_t *p) { uint32_t v; memcpy(&v, p, 4); return rte_be_to_cpu_32(v); }
static inline uint64_t be64(const uint8_t *p) { uint64_t v; memcpy(&v, p, 8); return rte_be_to_cpu_64(v); }
static inline void put16(uint8_t *p, uint16_t v) { v = rte_cpu_to_be_16(v); memcpy(p, &v, 2); }
static inline void put32(uint8_t *p, uint32_t v) { v = rte_cpu_to_be_32(v); memcpy(p, &v, 4); }
static inline void put64(uint8_t *p, uint64_t v) { v = rte_cpu_to_be_64(v); memcpy(p, &v, 8); }
static inline uint64_t mac48(const uint8_t *p) { return (uint64_t) be16(p) << 32 | be32(p + 2); }
static inline void put48(uint8_t *p, uint64_t v) { put16(p, v >> 32); put32(p + 2, v); }

static inline uint64_t nanos(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static inline uint16_t fold(uint64_t sum) {
    sum = (sum >> 32) + (sum & 0xffffffff);
    sum = (sum >> 16) + (sum & 0xffff);
    sum = (sum >> 16) + (sum & 0xffff);
    sum = (sum >> 16) + (sum & 0xffff);
    return ~sum;
}

/* Of an IPv4 header without options; 0 when its checksum is right. */
static inline uint16_t ipv4_checksum(const uint8_t *ip) {
    uint64_t a = be64(ip), b = be64(ip + 8);
    return fold((a >> 32) + (uint32_t) a + (b >> 32) + (uint32_t) b + be32(ip + 16));
}

static inline uint16_t changed32(uint16_t checksum, uint32_t before, uint32_t after) {
    return fold((uint64_t) (uint16_t) ~checksum + fold(before) + after);
}

static inline uint64_t mix(uint64_t a, uint64_t b) {
    uint64_t m = (a ^ b * GOLDEN) * GOLDEN;
    return m ^ m >> 32;
}

/* Open addressing, at most half full: a pair of longs to two values. */
struct pair { uint64_t first, second; uint64_t value, more; };
struct pairs { struct pair *at; uint32_t mask; unsigned shift; };

static inline uint32_t pair_slot(const struct pairs *t, uint64_t first, uint64_t second) {
    uint64_t h = first * GOLDEN;
    return ((second ^ (h << 32 | h >> 32)) * GOLDEN) >> t->shift;
}

static inline const struct pair *pair_find(const struct pairs *t, uint32_t slot, uint64_t first, uint64_t second) {
    while (t->at[slot].value != NONE) {
        if (t->at[slot].second == second && t->at[slot].first == first) {
            return &t->at[slot];
        }
        slot = (slot + 1) & t->mask;
    }
    return NULL;
}

static inline uint32_t pair_get(const struct pairs *t, uint64_t first, uint64_t second) {
    const struct pair *found = pair_find(t, pair_slot(t, first, second), first, second);
    return found ? found->value : NONE;
}

/* A flow is one cache line. Open addressing over at most half of the slots; expired flows are written over. */
struct flow {
    uint64_t key, src_high, src_low, dst_high, dst_low, to_high, to_low;
    uint32_t expires;
    uint32_t closing;
} __rte_cache_aligned;
struct flows { struct flow *at; uint32_t mask; uint32_t used; };

static inline uint32_t flow_slot(const struct flows *t, uint64_t key, uint64_t src, uint64_t dst) {
    uint64_t h = key * GOLDEN;
    h = (h ^ h >> 32 ^ src) * GOLDEN;
    h = (h ^ h >> 32 ^ dst) * GOLDEN;
    return (h >> 32) & t->mask;
}

static inline struct flow *flow_find(const struct flows *t, uint32_t slot, uint64_t key, uint64_t src, uint64_t dst, uint32_t now) {
    while (t->at[slot].key != 0) {
        struct flow *f = &t->at[slot];
        if (f->key == key && f->src_low == src && f->dst_low == dst && f->src_high == 0 && f->dst_high == 0 && f->expires > now) {
            return f;
        }
        slot = (slot + 1) & t->mask;
    }
    return NULL;
}

/* Packets on their way through the stages of one direction; a bit of open for each that no stage has decided on, and of the next four for what
 * is TCP or UDP, a SYN, to the gateway's MAC, sent on from a VIP: stages about few packets ask about those alone. */
struct burst {
    unsigned count;
    uint64_t open, send;
    uint64_t flows, syns, to_gateway, dispatched;
    struct rte_mbuf *mbuf[BURST];
    uint8_t *at[BURST];
    uint32_t length[BURST];
    uint32_t hash[BURST];
    uint32_t peer[BURST];
    uint64_t next_hop[BURST];
    uint64_t sequence[BURST];
    uint16_t l4[BURST];
    uint16_t type[BURST];
    uint8_t protocol[BURST];
    uint8_t cipher[BURST];
    uint8_t wire[BURST];
    uint16_t out[BURST];
};

#define EACH_OF(bits, i) for (uint64_t each_ = (bits); each_ != 0; each_ &= each_ - 1) \
    for (int once_ = 1, i = __builtin_ctzll(each_); once_; once_ = 0)
#define EACH(b, i) EACH_OF((b)->open, i)

static inline void drop(struct burst *b, int i) { b->open &= ~(1ULL << i); }
static inline void send_to(struct burst *b, int i, uint16_t port) { b->open &= ~(1ULL << i); b->send |= 1ULL << i; b->out[i] = port; }

/* One direction of an SA. */
#define WINDOW 4096
#define WORDS (2 * WINDOW / 64)
struct sa {
    struct gcm_key_data key;
    struct gcm_context_data context;
    uint8_t nonce[2][32] __rte_cache_aligned; /* of even and of odd IVs */
    uint64_t expected_iv;
    uint32_t spi;
    uint64_t limit_packets, limit_bytes;
    uint64_t packets, bytes, sequence;
    uint64_t seen[WORDS];
} __rte_cache_aligned;

/* The nonce of that IV; the next one is written a packet ahead, as the library would wait for what was written just now. */
static inline const uint8_t *nonce_of(struct sa *sa, uint64_t iv) {
    if (iv != sa->expected_iv) {
        put64(sa->nonce[iv & 1] + 4, iv);
    }
    sa->expected_iv = iv + 1;
    put64(sa->nonce[(iv + 1) & 1] + 4, iv + 1);
    return sa->nonce[iv & 1];
}

/* What the packet before was about: most packets are about the same, and it is looked up once. The bench changes no table. */
struct known {
    uint64_t source, vip, mac, from, underlay, vni, spi;
    uint32_t port, peer, from_peer, underlay_peer, vni_peer, spi_peer;
    uint8_t vni_cipher, cipher;
};
#define NOTHING UINT64_MAX

struct node {
    IMB_MGR *gcm;
    struct known known;
    uint64_t mac, own_address, gateway_mac;
    unsigned mtu;
    bool encrypted;
    uint16_t uplink, member;
    uint64_t member_mac;
    struct pairs addresses, remotes, locals, vteps, members, networks, spis;
    struct flows forward, back;
    uint64_t next_hop_mac[2], next_hop_deadline[2];
    uint8_t outer[2][TEMPLATE];
    struct sa *out, *in;
    uint64_t *backends;
    unsigned backend_count;
    uint64_t sent, sent_bytes, dropped;
};

static inline void receive(struct burst *b, uint16_t port) {
    b->count = rte_eth_rx_burst(port, 0, b->mbuf, BURST);
    b->open = b->count == BURST ? UINT64_MAX : (1ULL << b->count) - 1;
    b->send = b->flows = b->syns = b->to_gateway = b->dispatched = 0;
    for (unsigned i = 0; i < b->count; i++) {
        rte_prefetch0(rte_pktmbuf_mtod(b->mbuf[i], void *));
    }
    for (unsigned i = 0; i < b->count; i++) {
        b->at[i] = rte_pktmbuf_mtod(b->mbuf[i], uint8_t *);
        b->length[i] = rte_pktmbuf_data_len(b->mbuf[i]);
        b->cipher[i] = 0;
    }
}

/* Ethernet, IPv4, L4; the flow's hash. The bench sends no IPv6, so the twin drops it. */
static inline void inner_parse(struct burst *b, const struct node *n) {
    EACH(b, i) {
        const uint8_t *ip = b->at[i] + 14;
        unsigned length = b->length[i];
        if (length < 14) { drop(b, i); continue; }
        b->to_gateway |= (uint64_t) (mac48(b->at[i]) == n->gateway_mac) << i;
        b->type[i] = be16(b->at[i] + 12);
        if (b->type[i] != 0x0800 || length < 34) { drop(b, i); continue; }
        unsigned header = (ip[0] & 15) * 4, total = be16(ip + 2), fragment = be16(ip + 6);
        if (header < 20 || header > total || total > length - 14 || ip[0] >> 4 != 4 || header != 20 || ipv4_checksum(ip) != 0) {
            drop(b, i);
            continue;
        }
        b->length[i] = 14 + total;
        b->protocol[i] = ip[9];
        b->l4[i] = 0;
        if ((fragment & 0x1fff) == 0) {
            const uint8_t *t = ip + header;
            unsigned left = total - header;
            bool fits = ip[9] == 6 ? left >= 20 && (t[12] >> 4) * 4u >= 20 && (t[12] >> 4) * 4u <= left
                    : ip[9] == 17 ? left >= 8 && be16(t + 4) >= 8 && be16(t + 4) <= left : true;
            if (!fits && !(fragment & 0x3fff)) { drop(b, i); continue; }
            b->l4[i] = fits ? 14 + header : 0;
            b->flows |= (uint64_t) (fits && (ip[9] == 6 || ip[9] == 17)) << i;
            b->syns |= (uint64_t) (fits && ip[9] == 6 && (t[13] & 2)) << i;
        }
        uint64_t one = mix(0, be32(ip + 12)), other = mix(0, be32(ip + 16));
        if (b->l4[i] && (ip[9] == 6 || ip[9] == 17) && !(fragment & 0x3fff)) {
            one = mix(one, be16(b->at[i] + b->l4[i]));
            other = mix(other, be16(b->at[i] + b->l4[i] + 2));
        }
        b->hash[i] = mix(ip[9], one + other) >> 32;
    }
}

static inline void mss_clamp(struct burst *b) {
    if (b->open & b->syns) {
        abort(); /* the bench sends no SYN */
    }
}

static inline uint64_t tuple(const struct burst *b, int i, bool reversed) {
    uint64_t source = be16(b->at[i] + b->l4[i]), destination = be16(b->at[i] + b->l4[i] + 2);
    return (uint64_t) (VNI << 8 | b->protocol[i]) << 32 | (reversed ? destination << 16 | source : source << 16 | destination);
}

/* Both directions: what a backend answers comes from the VIP. */
static inline void vip_return(struct burst *b, struct node *n, uint32_t now) {
    uint64_t asked = b->open & b->flows & ~b->dispatched;
    if (n->back.used == 0 || asked == 0) {
        return;
    }
    uint32_t slot[BURST];
    EACH_OF(asked, i) {
        slot[i] = flow_slot(&n->back, tuple(b, i, false), be32(b->at[i] + 26), be32(b->at[i] + 30));
        rte_prefetch0(&n->back.at[slot[i]]);
    }
    EACH_OF(asked, i) {
        if (flow_find(&n->back, slot[i], tuple(b, i, false), be32(b->at[i] + 26), be32(b->at[i] + 30), now)) {
            abort(); /* the bench sends no answers */
        }
    }
}

static inline void transmit(struct burst *b, struct node *n) {
    uint64_t pending = b->send;
    struct rte_mbuf *out[BURST];
    while (pending) {
        uint16_t port = b->out[__builtin_ctzll(pending)];
        unsigned count = 0;
        uint64_t bytes = 0;
        for (uint64_t rest = pending; rest; rest &= rest - 1) {
            int i = __builtin_ctzll(rest);
            if (b->out[i] == port) {
                struct rte_mbuf *m = b->mbuf[i];
                m->data_off = b->at[i] - (uint8_t *) m->buf_addr;
                m->data_len = b->length[i];
                m->pkt_len = b->length[i];
                m->ol_flags = 0;
                out[count++] = m;
                bytes += b->length[i];
                pending &= ~(1ULL << i);
            }
        }
        unsigned sent = rte_eth_tx_burst(port, 0, out, count);
        n->sent += sent;
        n->sent_bytes += bytes;
        if (sent < count) {
            rte_pktmbuf_free_bulk(out + sent, count - sent);
            n->dropped += count - sent;
        }
    }
    unsigned dropped = 0;
    for (unsigned i = 0; i < b->count; i++) {
        if (!(b->send >> i & 1)) {
            out[dropped++] = b->mbuf[i];
        }
    }
    if (dropped) {
        rte_pktmbuf_free_bulk(out, dropped);
        n->dropped += dropped;
    }
}

#endif
