package dev.weft.testing;

import dev.weft.api.Cipher;
import dev.weft.api.path.PeerSecurity;
import dev.weft.api.path.SaKey;
import dev.weft.api.path.SaLimit;
import dev.weft.api.path.SecurityAssociation;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * The SAs of two hosts with one cipher, both ways. A rekey is {@link #offer}, {@link #switchOver}, {@link #retire}, and both hosts make
 * it so after each.
 */
public final class PairKeys {

    /** One SA as its two ends have it: each has its own key object, as in two processes. */
    public record Sa(int spi, byte[] keyAndSalt, SecurityAssociation sender, SecurityAssociation receiver) {

        /** As {@code ip xfrm state} takes it. */
        public String keyHex() {
            return "0x" + HexFormat.of().formatHex(keyAndSalt);
        }

        public String spiHex() {
            return "0x%08x".formatted(spi);
        }
    }

    private final Cipher cipher;
    private final boolean udp;
    private final SaLimit limit;
    private final long start;
    private final Random random;
    /** By receiving host, 1 and 2. */
    private final List<List<Sa>> receivable = List.of(new ArrayList<>(), new ArrayList<>());
    private final List<Optional<Sa>> used = new ArrayList<>(List.of(Optional.empty(), Optional.empty()));

    /**
     * Nobody has an SA before the first {@link #offer}.
     *
     * @param start sequence number that counts as sent and received already: near 2^32 it takes ESN to go on
     */
    public PairKeys(Cipher cipher, boolean udp, SaLimit limit, long start, long seed) {
        this.cipher = cipher;
        this.udp = udp;
        this.limit = limit;
        this.start = start;
        this.random = new Random(seed);
    }

    /** A new SA for each direction, which its receiver takes besides those that it has. */
    public void offer() {
        receivable.forEach(sas -> {
            byte[] keyAndSalt = new byte[cipher.keyBytes() + SaKey.SALT_BYTES];
            random.nextBytes(keyAndSalt);
            int spi = random.nextInt(256, Integer.MAX_VALUE);
            SaKey sending = new SaKey(cipher, keyAndSalt);
            sending.sent(start);
            SaKey receiving = new SaKey(cipher, keyAndSalt);
            receiving.received(start);
            sas.add(new Sa(spi, keyAndSalt, new SecurityAssociation(spi, sending, limit), new SecurityAssociation(spi, receiving, limit)));
        });
    }

    /** Both send with the newest. */
    public void switchOver() {
        for (int i = 0; i < used.size(); i++) {
            used.set(i, Optional.of(receivable.get(i).getLast()));
        }
    }

    /** Neither takes any but the newest. */
    public void retire() {
        receivable.forEach(sas -> sas.subList(0, sas.size() - 1).clear());
    }

    /** Nobody sends any more. */
    public void silence() {
        used.replaceAll(sa -> Optional.empty());
    }

    public long start() {
        return start;
    }

    public boolean udp() {
        return udp;
    }

    /** The newest SA to a host. */
    public Sa to(int host) {
        return receivable.get(host - 1).getLast();
    }

    /** What a host knows of the other. */
    PeerSecurity peer(int host, InetAddress other) {
        return new PeerSecurity(other, cipher, udp, receivable.get(host - 1).stream().map(Sa::receiver).toList(), used.get(2 - host).map(Sa::sender));
    }
}
