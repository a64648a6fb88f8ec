/*
 * The twin: what the user-space pipeline does with a packet, in C on the same DPDK and the same ipsec-mb, to compare with. Stages run over a
 * burst of 64, look-ups are prefetched and remembered for the next packet, the packet pool has a cache. Compiled by `weft bench pipeline`,
 * never shipped.
 *
 * Arguments: milliseconds for each case, then cases: work:size:flows:endpoints:cache (see PipelineCase.java). Writes a line for each figure:
 * case, name of the figure, nanoseconds a packet in the median burst; and "turn" before each part of a measurement, which begins when a byte
 * comes from standard input.
 */
#define _GNU_SOURCE
#include <sched.h>
#include "twin.h"
#include "outbound.h"
#include "inbound.h"

enum { ENDPOINT_PORT, WIRE_PORT, SINK_PORT, PORTS };
enum { FIRST_ADDRESS = 0x0a000010, CLIENT_ADDRESS = 0x0a000003, VIP_ADDRESS = 0x0a000002, NEAR = 0xc0000201, FAR = 0xc0000202 };
#define FIRST_MAC 0x02420a000010ULL
#define CLIENT_MAC 0x02420a000003ULL
#define GATEWAY_MAC 0x02574500004dULL
#define NEAR_MAC 0x02aa00000001ULL
#define FAR_MAC 0x02aa00000002ULL
#define SAMPLES (1u << 19)
/* Parts of a measurement, and of one with a look at the clock after each stage: as in Measurement.java. */
#define TURNS 8
#define STAGED_TURNS 2
#define BACKENDS 10
#define EVICTED (16u << 20)
#define FLOW_SLOTS (1u << 21)

struct test { char work[16]; unsigned size, flows, endpoints; bool cold; const char *text; };

static struct rte_mempool *small, *large;
static struct node near_node, far_node;
static IMB_MGR *manager;
static uint64_t random_state = 88172645463325252ULL, sequential;
static uint8_t *evicted;

static void pairs_make(struct pairs *t, unsigned size) {
    unsigned bits = 3;
    while ((1u << bits) < size * 2) {
        bits++;
    }
    rte_free(t->at);
    t->at = rte_malloc(NULL, sizeof(struct pair) << bits, 64);
    if (!t->at) { rte_exit(1, "no memory for a table of %u\n", size); }
    t->mask = (1u << bits) - 1;
    t->shift = 64 - bits;
    for (unsigned i = 0; i <= t->mask; i++) {
        t->at[i].value = NONE;
    }
}

static void pairs_add(struct pairs *t, uint64_t first, uint64_t second, uint64_t value, uint64_t more) {
    uint32_t slot = pair_slot(t, first, second);
    while (t->at[slot].value != NONE) {
        slot = (slot + 1) & t->mask;
    }
    t->at[slot] = (struct pair) {first, second, value, more};
}

static void flows_make(struct flows *t, unsigned slots) {
    rte_free(t->at);
    t->at = rte_zmalloc(NULL, sizeof(struct flow) * slots, 64);
    if (!t->at) { rte_exit(1, "no memory for flows\n"); }
    t->mask = slots - 1;
    t->used = 0;
}

static struct sa *sa_make(void) {
    static const uint8_t key[16];
    struct sa *sa = rte_zmalloc(NULL, sizeof *sa, 64);
    IMB_AES128_GCM_PRE(manager, key, &sa->key);
    sa->spi = 0x1000;
    sa->limit_packets = sa->limit_bytes = INT64_MAX;
    return sa;
}

static void outer_make(uint8_t *p, uint64_t mac, uint32_t source, uint32_t destination) {
    memset(p, 0, TEMPLATE);
    put48(p + 6, mac);
    put16(p + 12, 0x0800);
    p[14] = 0x45;
    put16(p + 20, 0x4000);
    p[22] = 64;
    put32(p + 26, source);
    put32(p + 30, destination);
    put16(p + 24, ipv4_checksum(p + 14));
}

static void node_make(struct node *n, bool far, const struct test *t) {
    n->gcm = manager;
    n->mac = far ? FAR_MAC : NEAR_MAC;
    n->own_address = far ? FAR : NEAR;
    n->gateway_mac = GATEWAY_MAC;
    n->mtu = 9000;
    n->encrypted = strcmp(t->work, "esp") == 0;
    n->uplink = WIRE_PORT;
    n->member = far ? SINK_PORT : ENDPOINT_PORT;
    n->member_mac = CLIENT_MAC;
    pairs_make(&n->addresses, t->endpoints + 3);
    pairs_make(&n->remotes, far ? 1 : t->endpoints);
    pairs_make(&n->locals, far ? t->endpoints : 1);
    pairs_make(&n->vteps, 1);
    pairs_make(&n->members, 1);
    pairs_make(&n->networks, 1);
    pairs_make(&n->spis, 1);
    pairs_add(&n->addresses, 0, CLIENT_ADDRESS, CLIENT_MAC, far ? UINT32_MAX : n->member);
    pairs_add(&n->addresses, 0, VIP_ADDRESS, GATEWAY_MAC, 1ULL << 32 | UINT32_MAX);
    for (unsigned e = 0; e < t->endpoints; e++) {
        pairs_add(&n->addresses, 0, FIRST_ADDRESS + e, FIRST_MAC + e, far ? SINK_PORT : UINT32_MAX);
        pairs_add(far ? &n->locals : &n->remotes, 0, FIRST_MAC + e, far ? SINK_PORT : 0, 0);
    }
    pairs_add(far ? &n->remotes : &n->locals, 0, CLIENT_MAC, far ? 0 : ENDPOINT_PORT, 0);
    pairs_add(&n->vteps, 0, far ? NEAR : FAR, 0, 0);
    pairs_add(&n->members, 0, 0, 0, 0);
    pairs_add(&n->networks, 0, VNI, 0, 0);
    pairs_add(&n->spis, 0, 0x1000, 0, 1);
    unsigned slots = !far && strcmp(t->work, "vip") == 0 ? FLOW_SLOTS : 1024;
    flows_make(&n->forward, slots);
    flows_make(&n->back, slots);
    n->next_hop_mac[0] = far ? NEAR_MAC : FAR_MAC;
    outer_make(n->outer[0], n->mac, n->own_address, far ? NEAR : FAR);
    rte_free(n->out);
    rte_free(n->in);
    n->out = sa_make();
    n->in = sa_make();
    free(n->backends);
    n->backend_count = t->endpoints < BACKENDS ? t->endpoints : BACKENDS;
    n->backends = malloc(n->backend_count * sizeof(uint64_t));
    for (unsigned k = 0; k < n->backend_count; k++) {
        n->backends[k] = FIRST_ADDRESS + k;
    }
    n->sent = n->dropped = 0;
    n->known = (struct known) {.source = NOTHING, .vip = NOTHING, .mac = NOTHING, .from = NOTHING, .underlay = NOTHING, .vni = NOTHING,
        .spi = NOTHING};
}

static inline uint64_t next_random(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* A burst of an endpoint's packets. */
static void generate(const struct test *t, bool in_turn) {
    struct rte_mbuf *m[BURST];
    bool vip = strcmp(t->work, "vip") == 0;
    if (rte_pktmbuf_alloc_bulk(t->size > 2000 ? large : small, m, BURST)) { rte_exit(1, "the pool is empty\n"); }
    for (int i = 0; i < BURST; i++) {
        uint64_t r = next_random();
        uint32_t flow = in_turn ? sequential++ % t->flows : (r >> 32) * t->flows >> 32, e = (r & 0xffffffff) * t->endpoints >> 32;
        uint8_t *p = rte_pktmbuf_mtod(m[i], uint8_t *), *ip = p + 14, *udp = p + 34;
        m[i]->data_len = t->size;
        m[i]->pkt_len = t->size;
        put48(p, vip ? GATEWAY_MAC : FIRST_MAC + e);
        put48(p + 6, CLIENT_MAC);
        put16(p + 12, 0x0800);
        put32(ip, 0x45000000 | (t->size - 14));
        put32(ip + 4, 0);
        put32(ip + 8, 64 << 24 | 17 << 16);
        put32(ip + 12, CLIENT_ADDRESS);
        put32(ip + 16, vip ? VIP_ADDRESS : FIRST_ADDRESS + e);
        put16(ip + 10, ipv4_checksum(ip));
        put16(udp, 1024 + flow % 60000);
        put16(udp + 2, 2000 + flow / 60000);
        put16(udp + 4, t->size - 34);
        put16(udp + 6, 0);
    }
    unsigned sent = rte_eth_tx_burst(ENDPOINT_PORT, 0, m, BURST);
    if (sent != BURST) { rte_exit(1, "the endpoint's ring is full\n"); }
}

static void evict(bool cold) {
    if (cold) {
        for (unsigned i = 0; i < EVICTED; i += 64) {
            evicted[i]++;
        }
    }
}

static inline uint32_t seconds(uint64_t now) { return now / 1000000000; }

static void __attribute__((noinline)) outbound(struct burst *b, struct node *n) {
    uint64_t now = nanos();
    receive(b, ENDPOINT_PORT);
    inner_parse(b, n);
    source_guard(b, n);
    answers(b, n);
    vip_dispatch(b, n, seconds(now));
    vip_return(b, n, seconds(now));
    fdb_outbound(b, n);
    next_hop(b, n);
    vxlan_encap(b, n);
    esp_seal(b, n);
    transmit(b, n);
}

static void __attribute__((noinline)) inbound(struct burst *b, struct node *n) {
    uint64_t now = nanos();
    receive(b, WIRE_PORT);
    underlay_parse(b, n, now);
    esp_open(b, n);
    vxlan_decap(b, n);
    inner_parse(b, n);
    source_check(b, n);
    completion(b);
    vip_return(b, n, seconds(now));
    fdb_inbound(b, n);
    transmit(b, n);
}

static void __attribute__((noinline)) encapsulate(struct burst *b, struct node *n) {
    receive(b, ENDPOINT_PORT);
    EACH(b, i) {
        b->hash[i] = 0;
    }
    fdb_outbound(b, n);
    next_hop(b, n);
    vxlan_encap(b, n);
    transmit(b, n);
}

static void __attribute__((noinline)) forward(struct burst *b) {
    receive(b, SINK_PORT);
    for (unsigned i = 0; i < b->count; i++) {
        struct rte_ether_hdr *e = rte_pktmbuf_mtod(b->mbuf[i], struct rte_ether_hdr *);
        struct rte_ether_addr destination = e->dst_addr;
        e->dst_addr = e->src_addr;
        e->src_addr = destination;
    }
    unsigned sent = rte_eth_tx_burst(SINK_PORT, 0, b->mbuf, b->count);
    if (sent < b->count) {
        rte_pktmbuf_free_bulk(b->mbuf + sent, b->count - sent);
    }
}

/* What bursts took, in nanoseconds; the median passes over those that something else interrupted. */
struct samples { uint32_t count; uint32_t nanos[SAMPLES]; };
static struct samples whole[2], stages[2][16];

static inline void took(struct samples *s, uint64_t nanoseconds) {
    s->nanos[s->count++ % SAMPLES] = nanoseconds;
}

/* The same as outbound and inbound, with the time after each stage; the names are the report's. */
static const char *names[2][16] = {
    {"receive", "parse", "guard", "answers", "vip", "fdb", "next hop, SA", "vxlan", "esp", "transmit"},
    {"receive", "underlay", "esp", "vxlan", "parse", "source", "completion", "vip return", "fdb", "transmit"}};

#define STAGE(call) do { call; uint64_t t_ = nanos(); took(at++, t_ - last); last = t_; } while (0)

static void staged(struct burst *b, const struct test *t) {
    struct samples *at = stages[0];
    uint64_t last;
    generate(t, false);
    evict(t->cold);
    last = nanos();
    struct node *n = &near_node;
    uint32_t now = seconds(last);
    STAGE(receive(b, ENDPOINT_PORT));
    STAGE(inner_parse(b, n));
    STAGE(source_guard(b, n));
    STAGE(answers(b, n));
    STAGE(vip_dispatch(b, n, now); vip_return(b, n, now));
    STAGE(fdb_outbound(b, n));
    STAGE(next_hop(b, n));
    STAGE(vxlan_encap(b, n));
    STAGE(esp_seal(b, n));
    STAGE(transmit(b, n));
    evict(t->cold);
    at = stages[1];
    n = &far_node;
    last = nanos();
    STAGE(receive(b, WIRE_PORT));
    STAGE(underlay_parse(b, n, last));
    STAGE(esp_open(b, n));
    STAGE(vxlan_decap(b, n));
    STAGE(inner_parse(b, n));
    STAGE(source_check(b, n));
    STAGE(completion(b));
    STAGE(vip_return(b, n, now));
    STAGE(fdb_inbound(b, n));
    STAGE(transmit(b, n));
}

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;
    return x < y ? -1 : x > y;
}

static void say(const struct test *t, const char *way, const char *figure, struct samples *s) {
    uint32_t count = s->count < SAMPLES ? s->count : SAMPLES;
    qsort(s->nanos, count, sizeof(uint32_t), ascending);
    printf("%s\t%s%s\t%.3f\n", t->text, way, figure, (double) s->nanos[count / 2] / BURST);
    s->count = 0;
}

static void drain(uint16_t port) {
    struct rte_mbuf *m[BURST];
    unsigned n = rte_eth_rx_burst(port, 0, m, BURST);
    rte_pktmbuf_free_bulk(m, n);
}

/* Waits until it is this side's turn: Java and C take turns, so that both meet the machine as fast as it is at that time. */
static void await_turn(void) {
    puts("turn");
    fflush(stdout);
    if (getchar() == EOF) { rte_exit(1, "nobody says whose turn it is\n"); }
}

static void one_turn(const struct test *t, uint64_t duration, bool only_swap) {
    static struct burst b;
    await_turn();
    for (uint64_t begin = nanos(); nanos() - begin < duration;) {
        if (!only_swap) {
            generate(t, false);
        }
        uint64_t from = nanos();
        if (only_swap) {
            forward(&b);
        } else {
            encapsulate(&b, &near_node);
        }
        took(&whole[0], nanos() - from);
        if (!only_swap) {
            drain(WIRE_PORT);
        }
    }
}

static void measure_one(const struct test *t, uint64_t duration, bool only_swap) {
    for (int turn = 0; turn < TURNS; turn++) {
        one_turn(t, duration / TURNS, only_swap);
    }
    say(t, "", "walk", &whole[0]);
}

/* Returns the packets that went in. */
static uint64_t walk_turn(struct burst *b, const struct test *t, uint64_t duration) {
    uint64_t packets = 0;
    await_turn();
    for (uint64_t begin = nanos(); nanos() - begin < duration; packets += BURST) {
        generate(t, false);
        evict(t->cold);
        uint64_t t0 = nanos();
        outbound(b, &near_node);
        took(&whole[0], nanos() - t0);
        evict(t->cold);
        uint64_t t1 = nanos();
        inbound(b, &far_node);
        took(&whole[1], nanos() - t1);
    }
    return packets;
}

static uint64_t staged_turn(struct burst *b, const struct test *t, uint64_t duration) {
    uint64_t packets = 0;
    await_turn();
    for (uint64_t begin = nanos(); nanos() - begin < duration; packets += BURST) {
        staged(b, t);
    }
    return packets;
}

static void measure_walks(const struct test *t, uint64_t duration) {
    static struct burst b;
    uint64_t packets = 0;
    for (uint64_t flow = 0; flow < t->flows; flow += BURST) {
        generate(t, true);
        outbound(&b, &near_node);
        inbound(&b, &far_node);
        packets += BURST;
    }
    for (int turn = 0; turn < TURNS; turn++) {
        packets += walk_turn(&b, t, duration / TURNS);
    }
    say(t, "", "outbound", &whole[0]);
    say(t, "", "inbound", &whole[1]);
    for (int turn = 0; turn < STAGED_TURNS; turn++) {
        packets += staged_turn(&b, t, duration / TURNS);
    }
    if (far_node.sent != packets || far_node.dropped + near_node.dropped) {
        rte_exit(1, "%s: %lu packets went in and %lu came out\n", t->text, packets, far_node.sent);
    }
    for (int way = 0; way < 2; way++) {
        for (int k = 0; names[way][k]; k++) {
            say(t, way ? "in " : "out ", names[way][k], &stages[way][k]);
        }
    }
}

static void port_start(uint16_t port) {
    struct rte_eth_conf configuration = {0};
    if (rte_eth_dev_configure(port, 1, 1, &configuration) || rte_eth_rx_queue_setup(port, 0, 512, 0, NULL, small)
            || rte_eth_tx_queue_setup(port, 0, 512, 0, NULL) || rte_eth_dev_start(port)) {
        rte_exit(1, "port %u does not start\n", port);
    }
}

static void open_all(char *self) {
    char *arguments[] = {self, "--no-telemetry", "--iova-mode=va", "--log-level=4", "--in-memory", "-l", "0", "-a", "0000:00:00.0",
        "--vdev=net_ring0", "--vdev=net_ring1", "--vdev=net_null0,size=64"};
    cpu_set_t given;
    sched_getaffinity(0, sizeof given, &given);
    if (rte_eal_init(sizeof arguments / sizeof *arguments, arguments) < 0) { rte_exit(1, "EAL does not start\n"); }
    sched_setaffinity(0, sizeof given, &given); /* -l has pinned this thread to a processor of its own choice */
    small = rte_pktmbuf_pool_create("small", 8191, 256, 0, RTE_PKTMBUF_HEADROOM + 2048, SOCKET_ID_ANY);
    large = rte_pktmbuf_pool_create("large", 2047, 256, 0, RTE_PKTMBUF_HEADROOM + 9216, SOCKET_ID_ANY);
    if (!small || !large) { rte_exit(1, "no memory for packets\n"); }
    for (uint16_t port = 0; port < PORTS; port++) {
        port_start(port);
    }
    manager = alloc_mb_mgr(0);
    init_mb_mgr_auto(manager, NULL);
    evicted = calloc(1, EVICTED);
}

int main(int count, char **arguments) {
    open_all(arguments[0]);
    uint64_t duration = strtoull(arguments[1], NULL, 10) * 1000000;
    for (int i = 2; i < count; i++) {
        struct test t = {.text = arguments[i]};
        char cache[8];
        if (sscanf(arguments[i], "%15[^:]:%u:%u:%u:%7s", t.work, &t.size, &t.flows, &t.endpoints, cache) != 5) { return 2; }
        t.cold = strcmp(cache, "cold") == 0;
        node_make(&near_node, false, &t);
        node_make(&far_node, true, &t);
        if (strcmp(t.work, "forward") == 0 || strcmp(t.work, "encapsulate") == 0) {
            measure_one(&t, duration, strcmp(t.work, "forward") == 0);
        } else {
            measure_walks(&t, duration);
        }
        fflush(stdout);
    }
    return 0;
}
