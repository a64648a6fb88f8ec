/** libc, netlink, DPDK, ipsec-mb and OpenSSL by the Foreign Function and Memory API; no policy. */
module dev.weft.ffm {
    requires transitive dev.weft.api;
    exports dev.weft.ffm.bpf;
    exports dev.weft.ffm.dpdk;
    exports dev.weft.ffm.ipsecmb;
    exports dev.weft.ffm.libc;
    exports dev.weft.ffm.netlink;
    exports dev.weft.ffm.openssl;
    exports dev.weft.ffm.rtnl;
    exports dev.weft.ffm.xfrm;
}
