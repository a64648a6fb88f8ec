package dev.weft.kernel.nft;

/** How a register is to stand to a value (NFT_CMP_*); bytes compare as in the packet, the first one most. */
final class Comparison {

    static final int EQUAL = 0;
    static final int NOT_EQUAL = 1;
    static final int LESS = 2;
    static final int LESS_OR_EQUAL = 3;
    static final int GREATER = 4;
    static final int GREATER_OR_EQUAL = 5;

    private Comparison() {
    }
}
