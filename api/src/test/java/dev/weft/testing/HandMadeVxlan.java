package dev.weft.testing;

import java.util.ArrayList;
import java.util.List;

/** VXLAN and IPsec at the second of two hosts as iproute2 makes them; the host itself is the member behind them. */
public final class HandMadeVxlan {

    private static final int HOST = 2;
    /** One for each network: the host's IPsec policies tell networks apart by it. */
    private static final int FIRST_SOURCE_PORT = 20_000;

    private final TwoHosts hosts;

    HandMadeVxlan(TwoHosts hosts) {
        this.hosts = hosts;
    }

    /** Makes a vxlan device, and the policy of an encrypted network. */
    public TwoHosts.Member member(int vni, int number) {
        TwoHosts.Member member = hosts.member("handmade" + vni, vni, HOST, number, hosts.host(HOST));
        boolean encrypted = hosts.cipher(vni).isPresent();
        String at = "ip -n " + hosts.host(HOST);
        String device = "vx" + vni;
        int source = FIRST_SOURCE_PORT + vni;
        Shell.words(at + " link add " + device + " type vxlan id " + vni + " remote " + hosts.vtep(1) + " local " + hosts.vtep(HOST)
                + " dstport 4789" + (encrypted ? " srcport " + source + " " + (source + 1) : ""));
        if (encrypted) { // before it is up: the kernel itself sends by it from then on
            Shell.words(at + " xfrm policy add dir out src " + hosts.vtep(HOST) + " dst " + hosts.vtep(1) + " proto udp sport " + source
                    + " dport 4789 tmpl proto esp reqid " + reqid(vni) + " mode transport");
        }
        Shell.words(at + " link set " + device + " address " + member.mac() + " mtu " + hosts.mtu(vni) + " up");
        Shell.words(at + " addr add " + member.ipv4() + "/24 dev " + device);
        Shell.words(at + " addr add " + member.ipv6() + "/64 dev " + device + " nodad");
        return member;
    }

    /** Installs the newest SAs of an encrypted network. */
    public void states(int vni) {
        PairKeys pair = hosts.keys(vni);
        state(1, HOST, pair.to(HOST), pair, vni);
        state(HOST, 1, pair.to(1), pair, vni);
    }

    private void state(int from, int to, PairKeys.Sa sa, PairKeys pair, int vni) {
        List<String> command = new ArrayList<>(List.of("ip", "-n", hosts.host(HOST), "xfrm", "state", "add", "src", hosts.vtep(from),
                "dst", hosts.vtep(to), "proto", "esp", "spi", sa.spiHex(), "reqid", "" + reqid(vni), "mode", "transport",
                "replay-window", "1024", "replay-seq", "" + pair.start(), "replay-oseq", "" + pair.start(), "flag", "esn",
                "aead", "rfc4106(gcm(aes))", sa.keyHex(), "128"));
        if (pair.udp()) {
            command.addAll(List.of("encap", "espinudp", "4500", "4500", hosts.isIpv6() ? "::" : "0.0.0.0"));
        }
        Shell.run(command.toArray(String[]::new));
    }

    /** Removes one of those again. @param to the host that receives with it */
    public void removeState(int to, PairKeys.Sa sa) {
        Shell.words("ip -n " + hosts.host(HOST) + " xfrm state delete src " + hosts.vtep(3 - to) + " dst " + hosts.vtep(to) + " proto esp spi "
                + sa.spiHex());
    }

    private int reqid(int vni) {
        return hosts.cipher(vni).orElseThrow().ordinal() + 1;
    }
}
