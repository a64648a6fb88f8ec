package dev.weft.dpdk;

import dev.weft.api.Cipher;
import dev.weft.api.path.PeerSecurity;
import dev.weft.api.path.SaKey;
import dev.weft.api.path.SaLimit;
import dev.weft.api.path.SecurityAssociation;
import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.EspHeader;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.Ipv4Header;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** SAs between node 1 and node 2, and what may be done to a packet of native ESP over IPv4. */
final class EspPackets {

    /** Where ESP begins in a frame. */
    static final int ESP = EthernetHeader.LENGTH + Ipv4Header.MIN_LENGTH;
    static final int SPI = 0x1234;

    private EspPackets() {
    }

    static SecurityAssociation sa(int spi, Cipher cipher, SaLimit limit) {
        byte[] key = new byte[cipher.keyBytes() + SaKey.SALT_BYTES];
        Arrays.fill(key, (byte) spi);
        return new SecurityAssociation(spi, new SaKey(cipher, key), limit);
    }

    static PeerSecurity sender(SecurityAssociation sa, boolean udp) {
        return new PeerSecurity(EspNode.vtep(2), sa.key().cipher(), udp, List.of(), Optional.of(sa));
    }

    static PeerSecurity receiver(SecurityAssociation... sas) {
        return new PeerSecurity(EspNode.vtep(1), sas[0].key().cipher(), false, List.of(sas), Optional.empty());
    }

    static long iv(byte[] frame) {
        return EspHeader.iv(MemorySegment.ofArray(frame), ESP);
    }

    static int spi(byte[] frame) {
        return EspHeader.spi(MemorySegment.ofArray(frame), ESP);
    }

    /** The frame with another IP payload, headers to fit. */
    static byte[] withPayload(byte[] frame, byte[] payload) {
        byte[] changed = Arrays.copyOf(frame, ESP + payload.length);
        System.arraycopy(payload, 0, changed, ESP, payload.length);
        MemorySegment memory = MemorySegment.ofArray(changed);
        Ipv4Header.totalLength(memory, EthernetHeader.LENGTH, Ipv4Header.MIN_LENGTH + payload.length);
        Ipv4Header.fillChecksum(memory, EthernetHeader.LENGTH);
        return changed;
    }

    static byte[] payload(byte[] frame) {
        return Arrays.copyOfRange(frame, ESP, frame.length);
    }

    /** The frame as if another node had sent it. */
    static byte[] from(byte[] frame, int node) {
        byte[] changed = frame.clone();
        MemorySegment memory = MemorySegment.ofArray(changed);
        Ipv4Header.source(memory, EthernetHeader.LENGTH, 0xc000_0200 | node);
        Ipv4Header.fillChecksum(memory, EthernetHeader.LENGTH);
        return changed;
    }

    static byte[] flipped(byte[] frame, int bit) {
        byte[] changed = frame.clone();
        changed[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
        return changed;
    }

    static byte[] withSequence(byte[] frame, int low) {
        byte[] changed = frame.clone();
        BigEndian.putInt(MemorySegment.ofArray(changed), ESP + 4, low);
        return changed;
    }
}
