package dev.weft.kernel.nft;

/** What the kernel knows of a packet besides its bytes (NFT_META_*). */
final class MetaKey {

    static final int PROTOCOL = 1;
    static final int MARK = 3;
    static final int IIFNAME = 6;
    static final int OIFNAME = 7;
    static final int NFPROTO = 15;
    static final int L4PROTO = 16;
    static final int SECPATH = 25;

    private MetaKey() {
    }
}
