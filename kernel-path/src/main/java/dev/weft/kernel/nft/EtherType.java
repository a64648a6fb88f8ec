package dev.weft.kernel.nft;

/** EtherTypes as the wire has them. */
final class EtherType {

    static final byte[] IPV4 = {0x08, 0x00};
    static final byte[] ARP = {0x08, 0x06};
    static final byte[] IPV6 = {(byte) 0x86, (byte) 0xdd};

    private EtherType() {
    }
}
