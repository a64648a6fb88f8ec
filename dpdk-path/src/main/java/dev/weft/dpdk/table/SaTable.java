package dev.weft.dpdk.table;

import dev.weft.api.Cipher;
import dev.weft.dpdk.esp.InboundSa;
import dev.weft.dpdk.esp.InstalledPeer;
import dev.weft.dpdk.esp.OutboundSa;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * Which SA is for whom, in one snapshot. Ciphers go by number, {@link #CLEAR} for none. Immutable; any thread may read, though the
 * SAs themselves have owners.
 */
public final class SaTable {

    /** In place of a cipher: not encrypted. */
    public static final int CLEAR = 0;
    private static final int CIPHERS = 1 + Cipher.values().length;

    /** By VTEP and cipher: two or three entries for each VTEP, so no hash is needed. */
    private final int[] outboundIndex;
    private final OutboundSa[] outbound;
    private final boolean[] udp;
    private final PairMap inboundIndex;
    private final InboundSa[] inbound;
    private final int[] inboundVtep;
    private final int[] inboundCipher;

    /** @param indexOf the index of a VTEP in the snapshot, or {@link Tables#NONE} */
    SaTable(List<InstalledPeer> peers, ToIntFunction<InetAddress> indexOf) {
        int[] byVtepAndCipher = new int[CIPHERS * (1 + peers.stream().mapToInt(peer -> indexOf.applyAsInt(peer.vtep())).max().orElse(Tables.NONE))];
        Arrays.fill(byVtepAndCipher, Tables.NONE);
        PairMap.Editor bySpi = new PairMap.Editor();
        List<OutboundSa> sealing = new ArrayList<>();
        List<Boolean> inUdp = new ArrayList<>();
        List<InboundSa> opening = new ArrayList<>();
        List<InstalledPeer> owners = new ArrayList<>();
        for (InstalledPeer peer : peers) {
            int vtep = indexOf.applyAsInt(peer.vtep());
            peer.outbound().filter(_ -> vtep != Tables.NONE).ifPresent(sa -> {
                byVtepAndCipher[vtep * CIPHERS + number(peer.cipher())] = sealing.size();
                sealing.add(sa);
                inUdp.add(peer.udp());
            });
            for (InboundSa sa : peer.inbound()) {
                bySpi.put(0, sa.spi(), opening.size());
                opening.add(sa);
                owners.add(peer);
            }
        }
        outboundIndex = byVtepAndCipher;
        inboundIndex = bySpi.snapshot();
        outbound = sealing.toArray(OutboundSa[]::new);
        udp = new boolean[outbound.length];
        for (int i = 0; i < udp.length; i++) {
            udp[i] = inUdp.get(i);
        }
        inbound = opening.toArray(InboundSa[]::new);
        inboundVtep = owners.stream().mapToInt(owner -> indexOf.applyAsInt(owner.vtep())).toArray();
        inboundCipher = owners.stream().mapToInt(owner -> number(owner.cipher())).toArray();
    }

    /** What stands for a cipher in the packet path. */
    public static int number(Cipher cipher) {
        return cipher.ordinal() + 1;
    }

    /** The index of what to seal with, or {@link Tables#NONE}. */
    public int outbound(int vtep, int cipher) {
        int at = vtep * CIPHERS + cipher;
        return at >= 0 && at < outboundIndex.length ? outboundIndex[at] : Tables.NONE;
    }

    public OutboundSa outboundSa(int index) {
        return outbound[index];
    }

    /** Whether it goes in UDP. */
    public boolean isInUdp(int index) {
        return udp[index];
    }

    /** The index of what to open with, or {@link Tables#NONE}. */
    public int inbound(int spi) {
        return inboundIndex.get(0, spi);
    }

    public InboundSa inboundSa(int index) {
        return inbound[index];
    }

    /** The peer that may seal with it, or {@link Tables#NONE} when no network has an endpoint there. */
    public int inboundVtep(int index) {
        return inboundVtep[index];
    }

    public int inboundCipher(int index) {
        return inboundCipher[index];
    }
}
