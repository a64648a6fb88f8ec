package dev.weft.benchmarks.peers;

import dev.weft.testing.TwoHosts;

/** What has containers at its ends. */
abstract class ContainersRival extends WireRival {

    private TwoHosts.Member client;
    private TwoHosts.Member server;

    ContainersRival(boolean singleDatagrams) {
        super(singleDatagrams);
    }

    /** To be called while it opens. */
    void between(TwoHosts.Member one, TwoHosts.Member other) {
        client = one;
        server = other;
    }

    @Override
    public String client() {
        return client.container();
    }

    @Override
    public String server() {
        return server.container();
    }

    @Override
    public String address() {
        return server.ipv4();
    }
}
