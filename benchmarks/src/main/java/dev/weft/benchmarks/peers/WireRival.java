package dev.weft.benchmarks.peers;

import dev.weft.testing.TwoHosts;

/** The bare wire: what two hosts can do with nothing between them. Others are built upon it. */
class WireRival implements Rival {

    private final boolean singleDatagrams;
    private TwoHosts hosts;

    /** @param singleDatagrams TSO, GSO and GRO are off on the wire, as on links that carry each datagram by itself */
    WireRival(boolean singleDatagrams) {
        this.singleDatagrams = singleDatagrams;
    }

    @Override
    public String name() {
        return "wire";
    }

    @Override
    public void open() {
        hosts = new TwoHosts(false);
        if (!singleDatagrams) {
            hosts.leaveWorkUndone();
        }
    }

    TwoHosts hosts() {
        return hosts;
    }

    @Override
    public String client() {
        return hosts.host(1);
    }

    @Override
    public String server() {
        return hosts.host(2);
    }

    @Override
    public String address() {
        return hosts.vtep(2);
    }

    @Override
    public double cpuSeconds() {
        return 0;
    }

    @Override
    public void close() {
        if (hosts != null) {
            hosts.close();
        }
    }
}
