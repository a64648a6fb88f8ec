package dev.weft.kernel.nft;

import dev.weft.api.Cipher;
import dev.weft.api.counter.DropReason;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.NetworkState;
import dev.weft.ffm.netlink.NetlinkSocket;
import dev.weft.kernel.xfrm.RequestIds;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * That an encrypted network's VXLAN never comes or goes in clear. An IPsec policy cannot look at the VNI; these rules can.
 *
 * <pre>
 *   overlay (input)       VNI of an encrypted network, no ESP around it                            dropped, clear-text
 *                         VNI of an encrypted network, ESP, not by the SA of that peer and cipher  dropped, clear-text
 *                         any other VNI, ESP by an SA of ours                                      dropped, clear-text
 *   leaving (output)      VNI of an encrypted network, no policy with an SA                        dropped, no-sa
 *                         ICMP: there is no tunnel (yet, or any more), and what came was this      dropped, port-closed
 *   left (postrouting)    the same, behind whatever translated it meanwhile                        dropped, clear-text
 * </pre>
 */
public final class ClearTextRules {

    private static final int INET_INPUT = 1;
    private static final int INET_OUTPUT = 3;
    private static final int INET_POSTROUTING = 4;
    /** Behind everybody else: mangling (-150) and source NAT (100) may choose another route, with another policy. */
    private static final int PRIORITY_LAST = 300;
    private static final String ENCRYPTED = "encrypted";
    private static final String SECURE = "secure";
    private static final String LEAVING = "leaving";
    private static final String LEFT = "left";
    private static final byte[] NO = {0};

    private ClearTextRules() {
    }

    /** Nothing when no network is encrypted: a kernel without IPsec refuses such rules. */
    static void add(Ruleset rules, OverlayPackets packets, RequestIds ids, DataPathState state,
                    IntFunction<Set<InetAddress>> vtepsOf) {
        List<byte[]> vnis = new ArrayList<>();
        List<byte[]> secure = new ArrayList<>();
        for (NetworkState network : state.networks()) {
            if (network.encryption().isPresent()) {
                Cipher cipher = network.encryption().get();
                byte[] vni = packets.vni(network.vni());
                vnis.add(vni);
                vtepsOf.apply(network.vni()).stream().sorted(Comparator.comparing(InetAddress::getAddress, Arrays::compare))
                        .forEach(vtep -> secure.add(packets.key(vni, vtep.getAddress(), hostOrder(ids.of(vtep, cipher)))));
            }
        }
        if (!vnis.isEmpty()) {
            add(rules, packets, ids, vnis, secure);
        }
    }

    private static void add(Ruleset rules, OverlayPackets packets, RequestIds ids, List<byte[]> vnis, List<byte[]> secure) {
        rules.set(ENCRYPTED, OverlayPackets.VNI_REGISTERS, vnis);
        rules.set(SECURE, OverlayPackets.VNI_REGISTERS + packets.addressLength() + Integer.BYTES, secure);
        rules.drop(UnderlayRules.CHAIN, DropReason.CLEAR_TEXT, packets.withVni().isIn(ENCRYPTED).meta(MetaKey.SECPATH).is(NO));
        rules.drop(UnderlayRules.CHAIN, DropReason.CLEAR_TEXT, packets.withVniAndSource().isIn(ENCRYPTED)
                .cameBy(packets.lastRegister()).isNotIn(SECURE));
        rules.drop(UnderlayRules.CHAIN, DropReason.CLEAR_TEXT, packets.withVni().isNotIn(ENCRYPTED).cameBy(Expressions.REGISTER)
                .mask(hostOrder(ids.mask())).is(hostOrder(ids.node())));
        rules.chain(LEAVING, "filter", INET_OUTPUT, PRIORITY_LAST);
        rules.drop(LEAVING, DropReason.NO_SA, packets.withVni().isIn(ENCRYPTED).leavesEncrypted().is(NO));
        rules.drop(LEAVING, DropReason.PORT_CLOSED, packets.portUnreachable());
        rules.chain(LEFT, "filter", INET_POSTROUTING, PRIORITY_LAST);
        rules.drop(LEFT, DropReason.CLEAR_TEXT, packets.withVni().isIn(ENCRYPTED).leavesEncrypted().is(NO));
    }

    /** Makes a table with all of these in the namespace of the calling thread: the kernel refuses what it does not know. */
    public static void tryAll(DataPathConfig config, RequestIds ids) {
        OverlayPackets packets = new OverlayPackets(config);
        Ruleset rules = new Ruleset(Ruleset.INET, "weft-probe");
        rules.chain(UnderlayRules.CHAIN, "filter", INET_INPUT, PRIORITY_LAST);
        add(rules, packets, ids, List.of(packets.vni(1)), List.of());
        try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETLINK_NETFILTER)) {
            rules.apply(socket);
        }
    }

    private static byte[] hostOrder(int value) {
        return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder()).putInt(value).array();
    }
}
