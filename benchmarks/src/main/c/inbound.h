/* The twin's inbound stages, in the order in which a packet meets them. */
#ifndef INBOUND_H
#define INBOUND_H

#include "twin.h"

enum { CLEAR_ON_THE_WIRE, ESP_ON_THE_WIRE };

static inline void underlay_parse(struct burst *b, struct node *n, uint64_t now) {
    EACH(b, i) {
        const uint8_t *p = b->at[i], *ip = p + 14;
        uint64_t destination = b->length[i] < 34 ? 0 : mac48(p);
        if ((destination != n->mac && !(destination >> 40 & 1)) || be16(p + 12) != 0x0800) { drop(b, i); continue; }
        unsigned header = (ip[0] & 15) * 4, total = be16(ip + 2);
        if (header != 20 || header > total || total > b->length[i] - 14 || ip[0] >> 4 != 4 || ipv4_checksum(ip) != 0
                || be32(ip + 16) != n->own_address || (be16(ip + 6) & 0x3fff)) {
            drop(b, i);
            continue;
        }
        unsigned length = total - header;
        const uint8_t *t = ip + header;
        if (ip[9] == 50) {
            b->wire[i] = ESP_ON_THE_WIRE;
        } else if (ip[9] == 17 && length >= 8 && be16(t + 4) >= 8 && be16(t + 4) <= length && be16(t + 2) == VXLAN_PORT) {
            b->wire[i] = CLEAR_ON_THE_WIRE;
            length = be16(t + 4) - 8;
            t += 8;
        } else {
            drop(b, i);
            continue;
        }
        if (be32(ip + 12) != n->known.underlay) {
            n->known.underlay = be32(ip + 12);
            n->known.underlay_peer = pair_get(&n->vteps, 0, n->known.underlay);
        }
        b->peer[i] = n->known.underlay_peer;
        if (b->peer[i] != NONE && n->next_hop_mac[b->peer[i]] == mac48(p + 6)) {
            n->next_hop_deadline[b->peer[i]] = now + 30000000000ULL;
        }
        b->at[i] = (uint8_t *) (uintptr_t) t;
        b->length[i] = length;
    }
}

static inline uint64_t extended(const struct sa *sa, uint32_t low) {
    uint64_t high = sa->sequence >> 32;
    int64_t left = (int64_t) (sa->sequence & 0xffffffff) - WINDOW + 1;
    if (left >= 0) {
        high += low >= left ? 0 : 1;
    } else {
        high -= low >= (uint32_t) left ? 1 : 0;
    }
    return high << 32 | low;
}

static inline bool is_new(const struct sa *sa, uint64_t s) {
    return s > sa->sequence || (s > 0 && s + WINDOW > sa->sequence && !(sa->seen[s / 64 % WORDS] >> s % 64 & 1));
}

static inline bool take(struct sa *sa, uint64_t s, unsigned bytes) {
    if (!is_new(sa, s)) {
        return false;
    }
    if (s > sa->sequence) {
        uint64_t steps = s / 64 - sa->sequence / 64;
        for (uint64_t k = 0; k < (steps < WORDS ? steps : WORDS); k++) {
            sa->seen[(s / 64 - k) % WORDS] = 0;
        }
        sa->sequence = s;
    }
    sa->seen[s / 64 % WORDS] |= 1ULL << s % 64;
    sa->packets++;
    sa->bytes += bytes;
    return true;
}

static inline bool sa_found(const struct burst *b, int i, struct node *n, uint32_t spi) {
    if (spi != n->known.spi || b->peer[i] != n->known.spi_peer) {
        const struct pair *found = pair_find(&n->spis, pair_slot(&n->spis, 0, spi), 0, spi);
        if (!found || b->peer[i] == NONE || found->value != b->peer[i]) {
            return false;
        }
        n->known.spi = spi;
        n->known.spi_peer = b->peer[i];
        n->known.cipher = found->more;
    }
    return true;
}

/* Three loops, as SaLookup, EspOpen and ReplayCheck have them. */
static inline void esp_open(struct burst *b, struct node *n) {
    uint64_t esps = 0;
    uint8_t tag[BURST][ICV];
    struct sa *sa = n->in;
    EACH(b, i) {
        if (b->wire[i] != ESP_ON_THE_WIRE) {
            continue;
        }
        uint8_t *esp = b->at[i];
        if (b->length[i] < ESP_OVERHEAD + 4 + ICV || b->length[i] % 4) { drop(b, i); continue; }
        uint32_t spi = be32(esp);
        if (!sa_found(b, i, n, spi)) { drop(b, i); continue; }
        b->sequence[i] = extended(sa, be32(esp + 4));
        if (!is_new(sa, b->sequence[i])) { drop(b, i); continue; }
        put32(esp - 4, spi);
        put64(esp, b->sequence[i]);
        esps |= 1ULL << i;
    }
    EACH_OF(esps, i) {
        uint8_t *esp = b->at[i], *text = esp + ESP_OVERHEAD;
        IMB_AES128_GCM_DEC(n->gcm, &sa->key, &sa->context, text, text, b->length[i] - ESP_OVERHEAD - ICV, nonce_of(sa, be64(esp + 8)), esp - 4, 12,
                tag[i], ICV);
    }
    EACH_OF(esps, i) {
        uint8_t *text = b->at[i] + ESP_OVERHEAD;
        unsigned length = b->length[i] - ESP_OVERHEAD - ICV;
        if (((be64(tag[i]) ^ be64(text + length)) | (be64(tag[i] + 8) ^ be64(text + length + 8))) != 0 || !take(sa, b->sequence[i], length)) {
            drop(b, i);
            continue;
        }
        b->cipher[i] = n->known.cipher;
        unsigned padding = text[length - 2];
        if (padding + 2 > length || text[length - 1] != 17) { drop(b, i); continue; }
        unsigned left = length - 2 - padding, udp = left < 8 ? 0 : be16(text + 4);
        if (udp < 8 || udp > left || be16(text + 2) != VXLAN_PORT) { drop(b, i); continue; }
        b->at[i] = text + 8;
        b->length[i] = udp - 8;
    }
}

static inline bool is_admitted(const struct burst *b, int i, struct node *n, uint64_t vni) {
    uint32_t network = pair_get(&n->networks, 0, vni);
    if (network == NONE || b->cipher[i] != n->encrypted || b->peer[i] == NONE || pair_get(&n->members, network, b->peer[i]) == NONE) {
        return false;
    }
    n->known.vni = vni;
    n->known.vni_peer = b->peer[i];
    n->known.vni_cipher = b->cipher[i];
    return true;
}

static inline void vxlan_decap(struct burst *b, struct node *n) {
    EACH(b, i) {
        const uint8_t *p = b->at[i];
        if (b->length[i] < 8 || !(p[0] & 8)) { drop(b, i); continue; }
        uint64_t vni = be32(p + 4) >> 8;
        bool known = vni == n->known.vni && b->peer[i] == n->known.vni_peer && b->cipher[i] == n->known.vni_cipher;
        if (!known && !is_admitted(b, i, n, vni)) { drop(b, i); continue; }
        b->at[i] += 8;
        b->length[i] -= 8;
    }
}

static inline void source_check(struct burst *b, struct node *n) {
    EACH(b, i) {
        uint64_t mac = mac48(b->at[i] + 6);
        if (mac != n->known.from) {
            n->known.from = mac;
            n->known.from_peer = pair_get(&n->remotes, 0, mac);
        }
        if (n->known.from_peer != b->peer[i] && mac != n->gateway_mac) {
            drop(b, i);
        }
    }
}

/* Checksums that a virtual link left undone (the bench's are not), foreign ARP, SYNs. */
static inline void completion(struct burst *b) {
    EACH_OF(b->open & b->flows, i) {
        const uint8_t *ip = b->at[i] + 14, *t = b->at[i] + b->l4[i];
        uint64_t pseudo = (uint64_t) be32(ip + 12) + be32(ip + 16) + b->protocol[i] + (be16(ip + 2) - (b->l4[i] - 14));
        if (be16(t + (b->protocol[i] == 6 ? 16 : 6)) == (uint16_t) ~fold(pseudo) && !(be16(ip + 6) & 0x3fff)) {
            abort();
        }
    }
    EACH_OF(b->open & ~b->flows, i) {
        if (b->at[i][0] & 1) {
            drop(b, i);
        }
    }
    mss_clamp(b);
}

static inline void fdb_inbound(struct burst *b, struct node *n) {
    uint32_t slot[BURST];
    uint64_t before = n->known.mac;
    EACH(b, i) {
        uint64_t mac = mac48(b->at[i]);
        if (mac != before && !(mac >> 40 & 1)) {
            slot[i] = pair_slot(&n->locals, 0, mac);
            rte_prefetch0(&n->locals.at[slot[i]]);
            before = mac;
        }
    }
    EACH(b, i) {
        uint64_t mac = mac48(b->at[i]);
        if (mac >> 40 & 1) { drop(b, i); continue; }
        if (mac != n->known.mac) {
            const struct pair *found = pair_find(&n->locals, slot[i], 0, mac);
            n->known.mac = mac;
            n->known.port = found ? found->value : NONE;
        }
        if (n->known.port == NONE || n->known.port == n->uplink) { drop(b, i); continue; }
        send_to(b, i, n->known.port);
    }
}

#endif
