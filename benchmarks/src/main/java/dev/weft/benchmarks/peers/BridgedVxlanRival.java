package dev.weft.benchmarks.peers;

import dev.weft.testing.Shell;
import dev.weft.testing.TwoHosts;

/** The kernel's own VXLAN device, in clear, with a container at either end: behind a veth and a bridge, as Docker's overlay has them. */
final class BridgedVxlanRival extends ContainersRival {

    private static final int VNI = 88;

    BridgedVxlanRival(boolean singleDatagrams) {
        super(singleDatagrams);
    }

    @Override
    public String name() {
        return "kernel VXLAN bridged clear";
    }

    @Override
    public void open() {
        super.open();
        between(container("a", 1), container("b", 2));
    }

    private TwoHosts.Member container(String name, int host) {
        TwoHosts.Member member = hosts().member(name, VNI, host, host);
        String at = "ip -n " + hosts().host(host);
        Shell.words(at + " link add br88 type bridge");
        Shell.words(at + " link add vx88 master br88 type vxlan id " + VNI + " remote " + hosts().vtep(3 - host) + " local " + hosts().vtep(host)
                + " dstport 4789");
        Shell.words(at + " link add port88 master br88 type veth peer name eth0 mtu " + hosts().mtu() + " netns " + member.container());
        for (String device : new String[] {"br88", "vx88", "port88"}) {
            Shell.words(at + " link set " + device + " up");
        }
        Shell.words("ip -n " + member.container() + " addr add " + member.ipv4() + "/24 dev eth0");
        Shell.words("ip -n " + member.container() + " link set eth0 up");
        return member;
    }
}
