package dev.weft.kernel.nft;

/** What conntrack knows of a packet's connection (NFT_CT_*). */
final class CtKey {

    static final int STATE = 0;
    static final int DIRECTION = 1;
    static final int STATUS = 2;
    static final int MARK = 3;
    /** A bit of {@link #STATE}, in the machine's own order. */
    static final int STATE_RELATED = 4;
    /** Values of {@link #DIRECTION}. */
    static final byte ORIGINAL = 0;
    static final byte REPLY = 1;

    private CtKey() {
    }
}
