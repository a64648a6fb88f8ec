package dev.weft.kernel.nft;

/** EtherTypes as the wire has them. */
final class EtherType {

    static final byte[] IPV4 = {0x08, 0x00};
    static final byte[] ARP = {0x08, 0x06};
    static final byte[] IPV6 = {(byte) 0x86, (byte) 0xdd};

    /** IEEE 802.1Q, and what stands in its place outside of another tag (802.1ad). */
    static final byte[] TAG = {(byte) 0x81, 0x00};
    static final byte[] SERVICE_TAG = {(byte) 0x88, (byte) 0xa8};

    private EtherType() {
    }
}
