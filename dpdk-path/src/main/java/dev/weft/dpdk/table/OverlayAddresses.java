package dev.weft.dpdk.table;

/**
 * Who has which address, in all networks of a snapshot: endpoints here and elsewhere, gateways, VIPs. An address goes by its index.
 * Immutable; any thread may read.
 */
public final class OverlayAddresses {

    /** In the column of the MAC, whose 48 bits leave it room: a gateway or a VIP. */
    static final long ANYCAST = 1L << 63;

    private static final int HIGH = 0;
    private static final int LOW = 1;
    private static final int MAC = RowPages.THIRD;
    private static final int PORT_AND_SERVICE = RowPages.FOURTH;
    private static final int TARGET_BITS = 2;

    /**
     * Of one service: the rows of its backends' addresses, positions among them (see {@code Spread}), rows of those that drain;
     * and their weights, when the one with the fewest flows is chosen.
     *
     * @param targets what packets of flows need of those rows, four to a backend: high, low, MAC; one array, as each packet asks
     */
    record Backends(int[] addresses, long[] targets, LiveFlows[] live, int[] slots, boolean affinity, int[] draining, int[] leastBy) {
    }

    private final PairIndex[] byNetwork;
    private final RowPages rows;
    private final Backends[] services;
    private final int[] gatewayIpv4;
    private final int[] gatewayIpv6;

    /** Takes the arrays over; nobody changes them any more. @param byNetwork null where no network has that index */
    OverlayAddresses(PairIndex[] byNetwork, RowPages rows, Backends[] services, int[] gatewayIpv4, int[] gatewayIpv6) {
        this.byNetwork = byNetwork;
        this.rows = rows;
        this.services = services;
        this.gatewayIpv4 = gatewayIpv4;
        this.gatewayIpv6 = gatewayIpv6;
    }

    /** {@link Backends#targets} of these rows. */
    static long[] targets(int[] addresses, RowPages.Editor rows) {
        long[] targets = new long[addresses.length << TARGET_BITS];
        for (int n = 0; n < addresses.length; n++) {
            int at = n << TARGET_BITS;
            targets[at + HIGH] = rows.get(addresses[n], HIGH);
            targets[at + LOW] = rows.get(addresses[n], LOW);
            targets[at + MAC] = rows.get(addresses[n], MAC) & ~ANYCAST;
        }
        return targets;
    }

    static long packed(int port, int service) {
        return (long) service << Integer.SIZE | port & 0xffff_ffffL;
    }

    /** The index of an address of the network, or {@link Tables#NONE}. */
    public int find(int network, long addressHigh, long addressLow) {
        return byNetwork[network].find(rows, addressHigh, addressLow);
    }

    public long high(int address) {
        return rows.get(address, HIGH);
    }

    public long low(int address) {
        return rows.get(address, LOW);
    }

    /** Who has it: of gateways and VIPs the network's anycast MAC. */
    public long mac(int address) {
        return rows.get(address, MAC) & ~ANYCAST;
    }

    /** The port of the endpoint of this node, or the gateway, that has it; {@link Tables#NONE} when none does. */
    public int port(int address) {
        return (int) rows.get(address, PORT_AND_SERVICE);
    }

    /** True for gateways and VIPs: every node answers for them. */
    public boolean isAnycast(int address) {
        return rows.get(address, MAC) < 0;
    }

    /** The service whose VIP it is, or {@link Tables#NONE}. */
    public int service(int address) {
        return (int) (rows.get(address, PORT_AND_SERVICE) >> Integer.SIZE);
    }

    public int backendCount(int theService) {
        return services[theService].addresses().length;
    }

    /** The address of a backend. @param n 0 to {@link #backendCount} - 1 */
    public int backend(int theService, int n) {
        return services[theService].addresses()[n];
    }

    /** What {@link #isBackend} and {@link #backendMac} are asked about: a service's backends, as flows need them. */
    public long[] targets(int theService) {
        return services[theService].targets();
    }

    /** Whether a service has a backend at that position, with that address. @param n from 0 on */
    public static boolean isBackend(long[] targets, int n, long addressHigh, long addressLow) {
        int at = n << TARGET_BITS;
        return at < targets.length && targets[at + LOW] == addressLow && targets[at + HIGH] == addressHigh;
    }

    /** Who has the address of a backend. @param n 0 to {@link #backendCount} - 1 */
    public static long backendMac(long[] targets, int n) {
        return targets[(n << TARGET_BITS) + MAC];
    }

    /** Whether the backend with the fewest flows is chosen. */
    public boolean isByLeastFlows(int theService) {
        return services[theService].leastBy() != null;
    }

    /** What a backend's flows are divided by, if {@link #isByLeastFlows}. @param n 0 to {@link #backendCount} - 1 */
    private int weight(int theService, int n) {
        return services[theService].leastBy()[n];
    }

    /**
     * The backend with the fewest flows, 0 to {@link #backendCount} - 1; there is one. Of equal ones the first from a place that follows from the
     * hash, or all would go to the first backend of a service that is idle.
     */
    public int withFewestFlows(int theService, int hash) {
        int count = backendCount(theService);
        int start = (int) ((hash & 0xffff_ffffL) * count >>> Integer.SIZE);
        int best = start;
        for (int n = 1; n < count; n++) {
            int candidate = (start + n) % count;
            // flows / weight < flows / weight, without dividing
            if ((long) liveFlows(theService, candidate).count() * weight(theService, best)
                    < (long) liveFlows(theService, best).count() * weight(theService, candidate)) {
                best = candidate;
            }
        }
        return best;
    }

    /** How many flows a backend has by this service. @param n 0 to {@link #backendCount} - 1 */
    public LiveFlows liveFlows(int theService, int n) {
        return services[theService].live()[n];
    }

    /** Whether the address is of a backend that keeps its flows: one that gets new ones, or one that drains. */
    public boolean keepsFlows(int theService, int address) {
        return position(theService, address) != Tables.NONE || indexOf(services[theService].draining(), address) != Tables.NONE;
    }

    /** Which of a service's backends an address is, 0 to {@link #backendCount} - 1, or {@link Tables#NONE}: it gets no new flows. */
    public int position(int theService, int address) {
        return indexOf(services[theService].addresses(), address);
    }

    private static int indexOf(int[] addresses, int address) {
        for (int i = 0; i < addresses.length; i++) {
            if (addresses[i] == address) {
                return i;
            }
        }
        return Tables.NONE;
    }

    /** Whether all connections of a client's address go to one backend. */
    public boolean hasAffinity(int theService) {
        return services[theService].affinity();
    }

    /** Which backend a hash of the client chooses, 0 to {@link #backendCount} - 1; there is one. */
    public int choice(int theService, int hash) {
        int[] slots = services[theService].slots();
        return slots[(int) ((hash & 0xffff_ffffL) * slots.length >>> Integer.SIZE)];
    }

    /** The gateway's address of a family, or {@link Tables#NONE}. */
    public int gateway(int network, boolean ipv4) {
        return ipv4 ? gatewayIpv4[network] : gatewayIpv6[network];
    }
}
