package dev.weft.kernel.nft;

import dev.weft.api.counter.DropReason;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.netlink.NetlinkSocket;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The rules in the uplink's namespace: what comes to the VXLAN port is long enough for an inner Ethernet header, has a VNI, that of a
 * network of this node, and comes from a VTEP of that network. The kernel's VXLAN would take it from anybody, and tells nobody why it
 * drops what it cannot read. One thread at a time.
 */
public final class UnderlayRules implements AutoCloseable {

    private static final int INET_INPUT = 1;
    /** Before the host's own filters (0): what they accept is looked at here first. */
    private static final int PRIORITY = -10;
    private static final byte UDP = 17;
    private static final int UDP_DESTINATION = 2;
    private static final int UDP_LENGTH = 4;
    private static final int FLAGS = 8;
    private static final byte VNI_FLAG = 0x08;
    /** UDP, VXLAN and an inner Ethernet header. */
    private static final byte LEAST_LENGTH = 8 + 8 + 14;
    /** Behind the UDP header and the VXLAN flags. */
    private static final int VNI = 12;
    private static final int VNI_LENGTH = 3;
    private static final int VNI_REGISTERS = 4;
    private static final int IPV4_SOURCE = 12;
    private static final int IPV6_SOURCE = 8;
    private static final String CHAIN = "overlay";
    /** What the rules of the chain drop, in their order. */
    private static final List<DropReason> REASONS = List.of(DropReason.TRUNCATED, DropReason.VNI_FLAG_CLEAR, DropReason.UNKNOWN_VNI,
            DropReason.UNKNOWN_VTEP);

    private final String table;
    private final DataPathConfig config;
    private final NetlinkSocket socket;
    private Ruleset current;
    /** What the rules before the current ones had counted. */
    private Map<DropReason, Long> before = Map.of();

    /** @param table unique to the node in that namespace */
    public UnderlayRules(NetworkNamespace namespace, DataPathConfig config, String table) {
        this.table = table;
        this.config = config;
        socket = namespace.call(() -> NetlinkSocket.open(NetlinkSocket.NETLINK_NETFILTER));
    }

    /** Makes the rules so; none for a state without networks. */
    public synchronized void reconcile(DataPathState state) {
        Map<DropReason, Long> counted = dropped();
        if (state.networks().isEmpty()) {
            new Ruleset(Ruleset.INET, table).remove(socket);
            current = null;
        } else {
            Ruleset wanted = rules(state);
            if (!wanted.apply(socket) && current != null) {
                return;
            }
            current = wanted;
        }
        before = counted; // new rules count from zero
    }

    private Ruleset rules(DataPathState state) {
        boolean ipv4 = config.vtep() instanceof Inet4Address;
        List<byte[]> vnis = new ArrayList<>();
        List<byte[]> members = new ArrayList<>();
        for (NetworkState network : state.networks()) {
            byte[] vni = {(byte) (network.vni() >> 16), (byte) (network.vni() >> 8), (byte) network.vni(), 0};
            vnis.add(vni);
            network.remotes().stream().map(RemoteEndpoint::vtep).distinct().map(vtep -> joined(vni, vtep.getAddress())).forEach(members::add);
        }
        Ruleset rules = new Ruleset(Ruleset.INET, table);
        rules.set("vnis", VNI_REGISTERS, vnis);
        rules.set("members", VNI_REGISTERS + config.vtep().getAddress().length, members);
        rules.chain(CHAIN, "filter", INET_INPUT, PRIORITY);
        rules.rule(CHAIN, toOverlay(ipv4).payload(Expressions.TRANSPORT_HEADER, UDP_LENGTH, 2).compare(Expressions.LESS, (byte) 0, LEAST_LENGTH)
                .count().drop());
        rules.rule(CHAIN, toOverlay(ipv4).payload(Expressions.TRANSPORT_HEADER, FLAGS, 1).mask(VNI_FLAG).is((byte) 0).count().drop());
        rules.rule(CHAIN, withVni(ipv4).isNotIn("vnis").count().drop());
        rules.rule(CHAIN, withVni(ipv4).payload(Expressions.NETWORK_HEADER, ipv4 ? IPV4_SOURCE : IPV6_SOURCE, ipv4 ? 4 : 16,
                Expressions.NEXT_REGISTER).isNotIn("members").count().drop());
        return rules;
    }

    /** A packet to the overlay's port. */
    private Expressions toOverlay(boolean ipv4) {
        return new Expressions().meta(Expressions.META_NFPROTO).is((byte) (ipv4 ? Ruleset.IPV4 : Ruleset.IPV6))
                .meta(Expressions.META_L4PROTO).is(UDP)
                .payload(Expressions.TRANSPORT_HEADER, UDP_DESTINATION, 2).is((byte) (config.port() >> 8), (byte) config.port());
    }

    /** The same; leaves its VNI in the register. */
    private Expressions withVni(boolean ipv4) {
        return toOverlay(ipv4).payload(Expressions.TRANSPORT_HEADER, VNI, VNI_LENGTH);
    }

    private static byte[] joined(byte[] vni, byte[] address) {
        byte[] key = java.util.Arrays.copyOf(vni, vni.length + address.length);
        System.arraycopy(address, 0, key, vni.length, address.length);
        return key;
    }

    /** Packets dropped since the rules were first made, by reason. */
    public synchronized Map<DropReason, Long> dropped() {
        List<Long> counts = current == null ? List.of() : current.counts(socket, CHAIN);
        Map<DropReason, Long> dropped = new EnumMap<>(DropReason.class);
        for (int i = 0; i < REASONS.size(); i++) {
            dropped.put(REASONS.get(i), before.getOrDefault(REASONS.get(i), 0L) + (current == null ? 0 : counts.get(i)));
        }
        return dropped;
    }

    /** Removes the rules. */
    @Override
    public synchronized void close() {
        new Ruleset(Ruleset.INET, table).remove(socket);
        current = null;
        socket.close();
    }
}
