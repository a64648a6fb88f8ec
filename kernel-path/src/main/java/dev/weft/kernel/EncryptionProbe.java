package dev.weft.kernel;

import dev.weft.api.Cipher;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.SaKey;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.netlink.NetlinkException;
import dev.weft.ffm.netlink.NetlinkSocket;
import dev.weft.ffm.xfrm.Policy;
import dev.weft.ffm.xfrm.PolicyTable;
import dev.weft.ffm.xfrm.State;
import dev.weft.ffm.xfrm.StateId;
import dev.weft.ffm.xfrm.StateTable;
import dev.weft.kernel.nft.ClearTextRules;
import dev.weft.kernel.xfrm.RequestIds;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;

/** Whether this kernel can encrypt: found out by doing it in a namespace that nobody sees and that goes with the attempt. */
final class EncryptionProbe {

    private static final int SPI = 256;
    private static final int REQID = 1;
    private static final int PORT = 4789;

    private EncryptionProbe() {
    }

    /**
     * Tries an SA of each cipher, a policy, and the rules that keep clear text in.
     *
     * @return why it cannot, and what to do; empty when it can
     */
    static Optional<String> clearOnly(DataPathConfig config) {
        boolean ipv4 = config.vtep() instanceof Inet4Address;
        InetAddress here = InetAddress.ofLiteral(ipv4 ? "192.0.2.1" : "2001:db8::1");
        InetAddress there = InetAddress.ofLiteral(ipv4 ? "192.0.2.2" : "2001:db8::2");
        return NetworkNamespace.callInNew(() -> {
            try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETLINK_XFRM)) {
                new PolicyTable(socket).put(new Policy(Policy.Direction.OUT, here, there, PORT, PORT, 1, Policy.Action.ESP, REQID));
                for (Cipher cipher : Cipher.values()) {
                    new StateTable(socket).add(new State(new StateId(here, there, SPI + cipher.ordinal(), REQID),
                            new SaKey(cipher, new byte[cipher.keyBytes() + SaKey.SALT_BYTES]), OptionalInt.empty(), 0, 0, -1, -1, -1));
                }
            } catch (WeftException | NetlinkException e) {
                return Optional.of("this kernel cannot encrypt (" + e.getMessage() + "): load the modules xfrm_user, " + (ipv4 ? "esp4" : "esp6")
                        + ", gcm and aes (modprobe), boot a kernel that has them, or take the data path 'dpdk' or 'socket'");
            }
            try {
                ClearTextRules.tryAll(config, new RequestIds(config.nodeId()));
                return Optional.<String>empty();
            } catch (WeftException | NetlinkException e) {
                return Optional.of("this kernel's nf_tables cannot tell encrypted packets from clear ones (" + e.getMessage()
                        + "): load the module nft_xfrm (modprobe), boot a kernel that has it, or take the data path 'dpdk' or 'socket'");
            }
        });
    }
}
