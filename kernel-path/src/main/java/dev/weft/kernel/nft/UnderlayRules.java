package dev.weft.kernel.nft;

import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.netlink.NetlinkSocket;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.List;

/**
 * The rules in the uplink's namespace: what comes to the VXLAN port has the VNI of a network of this node, and comes from a VTEP of
 * that network. The kernel's VXLAN would take it from anybody. One thread at a time.
 */
public final class UnderlayRules implements AutoCloseable {

    private static final int INET_INPUT = 1;
    /** Before the host's own filters (0): what they accept is looked at here first. */
    private static final int PRIORITY = -10;
    private static final byte UDP = 17;
    private static final int UDP_DESTINATION = 2;
    /** Behind the UDP header and the VXLAN flags. */
    private static final int VNI = 12;
    private static final int VNI_LENGTH = 3;
    private static final int VNI_REGISTERS = 4;
    private static final int IPV4_SOURCE = 12;
    private static final int IPV6_SOURCE = 8;
    private static final String CHAIN = "overlay";

    private final String table;
    private final DataPathConfig config;
    private final NetlinkSocket socket;
    private Ruleset current;
    private long unknownVni;
    private long unknownVtep;

    /** @param table unique to the node in that namespace */
    public UnderlayRules(NetworkNamespace namespace, DataPathConfig config, String table) {
        this.table = table;
        this.config = config;
        socket = namespace.call(() -> NetlinkSocket.open(NetlinkSocket.NETLINK_NETFILTER));
    }

    /** Makes the rules so; none for a state without networks. */
    public synchronized void reconcile(DataPathState state) {
        long vniBefore = unknownVni();
        long vtepBefore = unknownVtep();
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
        unknownVni = vniBefore; // new rules count from zero
        unknownVtep = vtepBefore;
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
        rules.rule(CHAIN, toOverlay(ipv4).isNotIn("vnis").count().drop());
        rules.rule(CHAIN, toOverlay(ipv4).payload(Expressions.NETWORK_HEADER, ipv4 ? IPV4_SOURCE : IPV6_SOURCE, ipv4 ? 4 : 16,
                Expressions.NEXT_REGISTER).isNotIn("members").count().drop());
        return rules;
    }

    /** A packet to the overlay's port; leaves its VNI in the register. */
    private Expressions toOverlay(boolean ipv4) {
        return new Expressions().meta(Expressions.META_NFPROTO).is((byte) (ipv4 ? Ruleset.IPV4 : Ruleset.IPV6))
                .meta(Expressions.META_L4PROTO).is(UDP)
                .payload(Expressions.TRANSPORT_HEADER, UDP_DESTINATION, 2).is((byte) (config.port() >> 8), (byte) config.port())
                .payload(Expressions.TRANSPORT_HEADER, VNI, VNI_LENGTH);
    }

    private static byte[] joined(byte[] vni, byte[] address) {
        byte[] key = java.util.Arrays.copyOf(vni, vni.length + address.length);
        System.arraycopy(address, 0, key, vni.length, address.length);
        return key;
    }

    /** Packets dropped because no network of this node has their VNI. */
    public synchronized long unknownVni() {
        return unknownVni + counted(0);
    }

    /** Packets dropped because their sender is no VTEP of the network. */
    public synchronized long unknownVtep() {
        return unknownVtep + counted(1);
    }

    private long counted(int rule) {
        return current == null ? 0 : current.counts(socket, CHAIN).get(rule);
    }

    /** Removes the rules. */
    @Override
    public synchronized void close() {
        new Ruleset(Ruleset.INET, table).remove(socket);
        current = null;
        socket.close();
    }
}
