package dev.weft.benchmarks.peers;

import dev.weft.testing.Shell;

/** The kernel's own VXLAN device, in clear, as iproute2 makes it, with the host itself at either end: the shortest way there is. */
final class VxlanRival extends WireRival {

    private static final int VNI = 88;

    VxlanRival(boolean singleDatagrams) {
        super(singleDatagrams);
    }

    @Override
    public String name() {
        return "kernel VXLAN clear";
    }

    @Override
    public void open() {
        super.open();
        for (int host = 1; host <= 2; host++) {
            String at = "ip -n " + hosts().host(host);
            Shell.words(at + " link add vx88 type vxlan id " + VNI + " remote " + hosts().vtep(3 - host) + " local " + hosts().vtep(host)
                    + " dstport 4789");
            Shell.words(at + " addr add 10.88.0." + host + "/24 dev vx88");
            Shell.words(at + " link set vx88 up");
        }
    }

    @Override
    public String address() {
        return "10.88.0.2";
    }
}
