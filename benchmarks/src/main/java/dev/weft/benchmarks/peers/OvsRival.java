package dev.weft.benchmarks.peers;

import dev.weft.testing.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Debian's Open vSwitch with its switch in user space ({@code datapath_type=netdev}), VXLAN in clear. Each host has a database and a switch of
 * its own, and two bridges: {@code under} has the wire and the host's address, for a tunnel leaves by whichever bridge has the route to its
 * other end; {@code br88} has the tunnel and the overlay's address. OVS asks for the other end's MAC by itself.
 *
 * <p>The wire is an AF_PACKET port, which OVS takes unless told otherwise; its AF_XDP ports are polled without rest, by a core for each host.
 * No offload has to be off: the bridges' own ports are taps without any, and from the wire comes only what another OVS has finished.
 */
final class OvsRival extends DaemonRival {

    private static final int VNI = 88;
    private static final String SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema";
    /** OVS gets a copy of what the wire brings. The kernel, whose address it is for too, would answer it with ICMP errors. */
    private static final String KERNEL_TAKES_NOTHING =
            "table netdev bench { chain wire { type filter hook ingress device \"up0\" priority 0; policy drop; }; }";

    OvsRival(boolean singleDatagrams) {
        super(singleDatagrams);
    }

    @Override
    public String name() {
        return "OVS user space clear";
    }

    @Override
    void start(Path at) throws IOException {
        for (int host = 1; host <= 2; host++) {
            Path own = Files.createDirectory(at.resolve("ovs" + host));
            Shell.run("ovsdb-tool", "create", own + "/db", SCHEMA);
            // Where OVS_RUNDIR says are all sockets, which would else be those of the machine's own OVS.
            daemon(host, "env", "OVS_RUNDIR=" + own, "ovsdb-server", own + "/db", "--remote=punix:" + own + "/db.sock");
            daemon(host, "env", "OVS_RUNDIR=" + own, "ovs-vswitchd", "unix:" + own + "/db.sock");
            bridges(host, "unix:" + own + "/db.sock");
            addresses(host);
        }
    }

    /** Returns when the switch has made them. */
    private void bridges(int host, String database) {
        Shell.words("ovs-vsctl --retry --timeout=20 --db=" + database
                + " add-br under -- set bridge under datapath_type=netdev -- add-port under up0"
                + " -- add-br br88 -- set bridge br88 datapath_type=netdev -- set interface br88 mtu_request=" + hosts().mtu()
                + " -- add-port br88 vx88 -- set interface vx88 type=vxlan options:key=" + VNI + " options:remote_ip=" + hosts().vtep(3 - host));
    }

    private void addresses(int host) {
        String at = "ip -n " + hosts().host(host);
        Shell.words(at + " addr flush dev up0");
        Shell.in(hosts().host(host), "nft", KERNEL_TAKES_NOTHING);
        Shell.words(at + " addr add " + hosts().vtep(host) + "/24 dev under");
        Shell.words(at + " link set under up");
        Shell.words(at + " addr add 10.88.0." + host + "/24 dev br88");
        Shell.words(at + " link set br88 up");
    }
}
