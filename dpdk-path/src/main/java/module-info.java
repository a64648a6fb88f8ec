/** The user-space data paths: DPDK poll mode and plain UDP socket. */
module dev.weft.dpdk {
    requires dev.weft.api;
    requires dev.weft.ffm;
    requires com.lmax.disruptor;
    requires jdk.net;
    requires org.bouncycastle.provider;

    provides dev.weft.api.path.DataPathProvider with dev.weft.dpdk.DpdkDataPathProvider, dev.weft.dpdk.SocketDataPathProvider;
}
