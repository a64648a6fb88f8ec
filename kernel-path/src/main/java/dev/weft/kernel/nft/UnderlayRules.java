package dev.weft.kernel.nft;

import dev.weft.api.counter.DropReason;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.NetworkState;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.netlink.NetlinkSocket;
import dev.weft.kernel.xfrm.RequestIds;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * The rules in the uplink's namespace: what comes to the VXLAN port is long enough for an inner Ethernet header, has a VNI, that of a
 * network of this node, and comes from a VTEP of that network. The kernel's VXLAN would take it from anybody, and tells nobody why it
 * drops what it cannot read. One thread at a time.
 */
public final class UnderlayRules implements AutoCloseable {

    static final String CHAIN = "overlay";

    private static final int INET_INPUT = 1;
    /** Before the host's own filters (0): what they accept is looked at here first. */
    private static final int PRIORITY = -10;

    private final String table;
    private final DataPathConfig config;
    private final RequestIds ids;
    private final NetlinkSocket socket;
    private Ruleset current;
    /** What the rules before the current ones had counted. */
    private Map<DropReason, Long> before = Map.of();

    /** @param table unique to the node in that namespace */
    public UnderlayRules(NetworkNamespace namespace, DataPathConfig config, RequestIds ids, String table) {
        this.table = table;
        this.config = config;
        this.ids = ids;
        socket = namespace.call(() -> NetlinkSocket.open(NetlinkSocket.NETLINK_NETFILTER));
    }

    /**
     * Makes the rules so; none for a state without networks.
     *
     * @param vtepsOf the VTEPs of a network, by its VNI
     */
    public synchronized void reconcile(DataPathState state, IntFunction<Set<InetAddress>> vtepsOf) {
        Map<DropReason, Long> counted = dropped();
        if (state.networks().isEmpty()) {
            new Ruleset(Ruleset.INET, table).remove(socket);
            current = null;
        } else {
            Ruleset wanted = rules(state, vtepsOf);
            if (!wanted.apply(socket) && current != null) {
                return;
            }
            current = wanted;
        }
        before = counted; // new rules count from zero
    }

    private Ruleset rules(DataPathState state, IntFunction<Set<InetAddress>> vtepsOf) {
        OverlayPackets packets = new OverlayPackets(config);
        List<byte[]> vnis = new ArrayList<>();
        List<byte[]> members = new ArrayList<>();
        for (NetworkState network : state.networks()) {
            byte[] vni = packets.vni(network.vni());
            vnis.add(vni);
            vtepsOf.apply(network.vni()).stream().map(InetAddress::getAddress).sorted(Arrays::compare)
                    .forEach(vtep -> members.add(packets.key(vni, vtep)));
        }
        Ruleset rules = new Ruleset(Ruleset.INET, table);
        rules.set("vnis", OverlayPackets.VNI_REGISTERS, vnis);
        rules.set("members", OverlayPackets.VNI_REGISTERS + packets.addressLength(), members);
        rules.chain(CHAIN, "filter", INET_INPUT, PRIORITY);
        rules.drop(CHAIN, DropReason.TRUNCATED, packets.tooShort());
        rules.drop(CHAIN, DropReason.VNI_FLAG_CLEAR, packets.withoutVni());
        rules.drop(CHAIN, DropReason.UNKNOWN_VNI, packets.withVni().isNotIn("vnis"));
        rules.drop(CHAIN, DropReason.UNKNOWN_VTEP, packets.withVniAndSource().isNotIn("members"));
        ClearTextRules.add(rules, packets, ids, state, vtepsOf);
        return rules;
    }

    /** Packets dropped since the rules were first made, by reason. */
    public synchronized Map<DropReason, Long> dropped() {
        Map<DropReason, Long> dropped = new EnumMap<>(DropReason.class);
        dropped.putAll(before);
        if (current != null) {
            current.dropped(socket).forEach((reason, packets) -> dropped.merge(reason, packets, Long::sum));
        }
        return dropped;
    }

    /** Lets go of the socket; the rules stay until a state without networks was made. */
    @Override
    public synchronized void close() {
        current = null;
        socket.close();
    }
}
