/* The twin's outbound stages, in the order in which a packet meets them. */
#ifndef OUTBOUND_H
#define OUTBOUND_H

#include "twin.h"

static inline void source_guard(struct burst *b, struct node *n) {
    EACH(b, i) {
        uint64_t source = be32(b->at[i] + 26);
        if (mac48(b->at[i] + 6) != n->member_mac) { drop(b, i); continue; }
        if (source != n->known.source) {
            const struct pair *found = pair_find(&n->addresses, pair_slot(&n->addresses, 0, source), 0, source);
            if (!found || (uint32_t) found->more != n->member) { drop(b, i); continue; }
            n->known.source = source;
        }
    }
}

/* What is for the node itself: ARP, echo to gateways, names. The bench sends nothing of the kind, so only the questions are here. */
static inline void answers(struct burst *b, const struct node *n) {
    EACH_OF(b->open & ~b->flows, i) {
        if (b->type[i] == 0x0806 || (b->l4[i] && b->protocol[i] == 1 && b->at[i][b->l4[i]] == 8)) {
            drop(b, i);
        }
    }
    EACH_OF(b->open & b->to_gateway & b->flows, i) {
        if (be16(b->at[i] + b->l4[i] + 2) == 53) {
            drop(b, i);
        }
    }
    EACH(b, i) {
        if (b->length[i] - 14 > n->mtu) {
            drop(b, i);
        }
    }
    mss_clamp(b);
}

static inline struct flow *flow_put(struct flows *t, uint32_t slot, uint64_t key, uint64_t src, uint64_t dst, uint64_t to, uint32_t now) {
    if (t->used * 2 > t->mask) {
        return NULL;
    }
    while (t->at[slot].key != 0 && t->at[slot].expires > now) {
        slot = (slot + 1) & t->mask;
    }
    t->used++;
    t->at[slot] = (struct flow) {.key = key, .src_low = src, .dst_low = dst, .to_low = to, .expires = now + 300};
    return &t->at[slot];
}

static inline void vip_dispatch(struct burst *b, struct node *n, uint32_t now) {
    uint32_t towards[BURST], backwards[BURST];
    struct flow *flow[BURST];
    uint64_t vip = 0;
    EACH_OF(b->open & b->to_gateway & b->flows, i) {
        uint64_t destination = be32(b->at[i] + 30);
        if (destination != n->known.vip) {
            const struct pair *found = pair_find(&n->addresses, pair_slot(&n->addresses, 0, destination), 0, destination);
            if (!found || !(found->more >> 32)) { continue; }
            n->known.vip = destination;
        }
        vip |= 1ULL << i;
        towards[i] = flow_slot(&n->forward, tuple(b, i, false), be32(b->at[i] + 26), destination);
        rte_prefetch0(&n->forward.at[towards[i]]);
    }
    if (vip == 0) {
        return;
    }
    for (uint64_t rest = vip; rest; rest &= rest - 1) {
        int i = __builtin_ctzll(rest);
        uint64_t source = be32(b->at[i] + 26), destination = be32(b->at[i] + 30);
        flow[i] = flow_find(&n->forward, towards[i], tuple(b, i, false), source, destination, now);
        uint64_t backend = flow[i] ? flow[i]->to_low : n->backends[((uint64_t) b->hash[i] * n->backend_count) >> 32];
        backwards[i] = flow_slot(&n->back, tuple(b, i, true), backend, source);
        rte_prefetch0(&n->back.at[backwards[i]]);
        if (!flow[i]) {
            flow[i] = flow_put(&n->forward, towards[i], tuple(b, i, false), source, destination, backend, now);
            if (!flow[i] || !flow_put(&n->back, backwards[i], tuple(b, i, true), backend, source, destination, now)) {
                drop(b, i);
                vip &= ~(1ULL << i);
            }
        }
    }
    for (uint64_t rest = vip; rest; rest &= rest - 1) {
        int i = __builtin_ctzll(rest);
        uint8_t *ip = b->at[i] + 14, *t = b->at[i] + b->l4[i];
        uint64_t source = be32(ip + 12), destination = be32(ip + 16), backend = flow[i]->to_low;
        struct flow *reply = flow_find(&n->back, backwards[i], tuple(b, i, true), backend, source, now);
        const struct pair *found = pair_find(&n->addresses, pair_slot(&n->addresses, 0, backend), 0, backend);
        if (!reply || !found) {
            drop(b, i);
            continue;
        }
        bool serves = false;
        for (unsigned k = 0; k < n->backend_count && !serves; k++) {
            serves = n->backends[k] == backend;
        }
        if (!serves) {
            drop(b, i);
            continue;
        }
        if (flow[i]->expires != now + 300) {
            flow[i]->expires = now + 300;
        }
        if (reply->expires != now + 300) {
            reply->expires = now + 300;
        }
        put16(ip + 10, changed32(be16(ip + 10), destination, backend));
        if (be16(t + 6)) {
            put16(t + 6, changed32(be16(t + 6), destination, backend));
        }
        put32(ip + 16, backend);
        put48(b->at[i], found->value);
        b->dispatched |= 1ULL << i;
    }
}

static inline void fdb_outbound(struct burst *b, struct node *n) {
    uint32_t slot[BURST];
    uint64_t before = n->known.mac;
    EACH(b, i) {
        uint64_t mac = mac48(b->at[i]);
        if (mac != before && !(mac >> 40 & 1)) {
            slot[i] = pair_slot(&n->remotes, 0, mac);
            rte_prefetch0(&n->remotes.at[slot[i]]);
            before = mac;
        }
    }
    EACH(b, i) {
        uint64_t mac = mac48(b->at[i]);
        if (mac >> 40 & 1) { drop(b, i); continue; }
        if (mac != n->known.mac) {
            const struct pair *found = pair_find(&n->remotes, slot[i], 0, mac);
            n->known.mac = mac;
            n->known.port = pair_get(&n->locals, 0, mac);
            n->known.peer = found ? found->value : NONE;
        }
        if (n->known.port != NONE && n->known.port != n->member) { send_to(b, i, n->known.port); continue; }
        if (n->known.peer == NONE) { drop(b, i); continue; }
        b->peer[i] = n->known.peer;
    }
}

static inline void next_hop(struct burst *b, struct node *n) {
    EACH(b, i) {
        b->next_hop[i] = n->next_hop_mac[b->peer[i]];
        if (b->next_hop[i] == UINT64_MAX) {
            drop(b, i);
        }
    }
    if (!n->encrypted) {
        return;
    }
    EACH(b, i) {
        struct sa *sa = n->out;
        unsigned payload = b->length[i] + 16;
        unsigned bytes = payload + (-(payload + 2) & 3) + 2;
        uint64_t sequence = sa->sequence + 1;
        if (sequence > sa->limit_packets || sa->bytes + bytes > sa->limit_bytes) { drop(b, i); continue; }
        sa->sequence = sequence;
        sa->packets++;
        sa->bytes += bytes;
        b->sequence[i] = sequence;
    }
}

static inline uint16_t source_port(uint32_t hash) { return 0xc000 | ((hash ^ hash >> 16) & 0x3fff); }

static inline void outer_ip(uint8_t *p, const struct node *n, uint32_t peer, uint64_t next_hop, unsigned payload, uint8_t protocol) {
    memcpy(p, n->outer[peer], TEMPLATE);
    put48(p, next_hop);
    put16(p + 16, 20 + payload);
    p[23] = protocol;
    put16(p + 24, fold((uint64_t) (uint16_t) ~be16(p + 24) + 20 + payload + protocol));
}

static inline void vxlan_encap(struct burst *b, struct node *n) {
    EACH(b, i) {
        uint8_t *p = b->at[i] - 16;
        put16(p, source_port(b->hash[i]));
        put16(p + 2, VXLAN_PORT);
        put16(p + 4, b->length[i] + 16);
        put16(p + 6, 0);
        put64(p + 8, 0x0800000000000000ULL | (uint64_t) VNI << 8);
        b->at[i] = p;
        b->length[i] += 16;
        if (!n->encrypted) {
            b->at[i] = p - TEMPLATE;
            outer_ip(b->at[i], n, b->peer[i], b->next_hop[i], b->length[i], 17);
            b->length[i] += TEMPLATE;
            send_to(b, i, n->uplink);
        }
    }
}

/* Three loops, as EspSeal has them. */
static inline void esp_seal(struct burst *b, struct node *n) {
    struct sa *sa = n->out;
    EACH(b, i) {
        uint8_t *text = b->at[i], *esp = text - ESP_OVERHEAD;
        unsigned length = b->length[i], padding = -(length + 2) & 3, total = length + padding + 2;
        struct rte_mbuf *m = b->mbuf[i];
        if (text + total + ICV > (uint8_t *) m->buf_addr + m->buf_len) { drop(b, i); continue; }
        for (unsigned k = 0; k < padding; k++) {
            text[length + k] = k + 1;
        }
        put16(text + length + padding, padding << 8 | 17);
        put32(esp - 4, sa->spi);
        put64(esp, b->sequence[i]);
        put64(esp + 8, b->sequence[i]);
        b->at[i] = esp;
        b->length[i] = ESP_OVERHEAD + total;
    }
    EACH(b, i) {
        uint8_t *esp = b->at[i], *text = esp + ESP_OVERHEAD;
        unsigned total = b->length[i] - ESP_OVERHEAD;
        IMB_AES128_GCM_ENC(n->gcm, &sa->key, &sa->context, text, text, total, nonce_of(sa, b->sequence[i]), esp - 4, 12, text + total, ICV);
    }
    EACH(b, i) {
        put32(b->at[i], sa->spi);
        b->length[i] += ICV;
        b->at[i] -= TEMPLATE;
        outer_ip(b->at[i], n, b->peer[i], b->next_hop[i], b->length[i], 50);
        b->length[i] += TEMPLATE;
        send_to(b, i, n->uplink);
    }
}

#endif
