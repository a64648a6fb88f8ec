package dev.weft.kernel.xfrm;

import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.PeerSecurity;
import dev.weft.api.path.SaKey;
import dev.weft.api.path.SaUsage;
import dev.weft.api.path.SecurityAssociation;
import dev.weft.ffm.libc.GracePeriod;
import dev.weft.ffm.xfrm.State;
import dev.weft.ffm.xfrm.StateId;
import dev.weft.ffm.xfrm.StateTable;
import dev.weft.ffm.xfrm.StateUsage;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * The SAs of a node in the kernel. New ones come before old ones go (make before break), and what is received with comes before what
 * is sent with. An SA that the kernel has lost (its limit was reached, somebody flushed them) is not installed again: nobody knows
 * which IVs it used. It is reported as used up, so that whoever makes keys replaces it. One thread at a time.
 */
final class EspStates {

    /** What may be sent between the look at an SA's sequence number and its removal; a key that comes back goes on behind that. */
    private static final long SENT_MEANWHILE = 1L << 24;
    /** Those packets in bytes, of an Ethernet underlay. */
    private static final long BYTES_MEANWHILE = SENT_MEANWHILE * 1500;

    /** The kernel looks at the limit of bytes before it counts a packet, which has no more than these. */
    private static final int LONGEST_PACKET = 65_535;

    /** From a packet's route to its SA, in nanoseconds, where nothing better than time can be waited for. */
    private static final long LONGEST_WAY = 20_000_000;

    /** An SA of a peer, as it was installed. */
    private record Installed(InetAddress peer, SecurityAssociation sa, boolean outbound, boolean udp) {
    }

    private final DataPathConfig config;
    private final RequestIds ids;
    private final StateTable table;
    private final Map<StateId, Installed> installed = new LinkedHashMap<>();
    private final Map<StateId, StateUsage> usage = new LinkedHashMap<>();
    private boolean lookedForStrangers;

    EspStates(DataPathConfig config, RequestIds ids, StateTable table) {
        this.config = config;
        this.ids = ids;
        this.table = table;
    }

    void reconcile(List<PeerSecurity> peers) {
        Map<StateId, Installed> wanted = wanted(peers);
        List<StateId> strangers = strangers();
        strangers.stream().filter(wanted::containsKey).forEach(id -> remove(id, wanted.get(id)));
        installed.entrySet().stream().filter(entry -> wanted.containsKey(entry.getKey()) && !entry.getValue().equals(wanted.get(entry.getKey())))
                .map(Map.Entry::getKey).toList().forEach(this::uninstall);
        wanted.entrySet().stream().filter(entry -> !installed.containsKey(entry.getKey())).forEach(entry -> add(entry.getKey(), entry.getValue()));
        List<StateId> left = strangers.stream().filter(id -> !wanted.containsKey(id)).toList();
        List<StateId> over = installed.keySet().stream().filter(id -> !wanted.containsKey(id)).toList().reversed();
        if (Stream.concat(left.stream(), over.stream()).anyMatch(id -> id.source().equals(config.vtep()))) {
            awaitLastUse();
        }
        left.forEach(table::remove);
        lookedForStrangers = true;
        over.forEach(this::uninstall);
    }

    /** A packet that found its SA with its route and has not come to it yet is dropped there if the SA goes meanwhile (XfrmOutStateInvalid). */
    private static void awaitLastUse() {
        if (!GracePeriod.await()) {
            LockSupport.parkNanos(LONGEST_WAY);
        }
    }

    /** All that a node of this identity has left, in an earlier process; not what a first try has installed that failed later on. */
    private List<StateId> strangers() {
        return lookedForStrangers ? List.of() : table.list().stream().filter(id -> ids.isOwn(id.reqid()) && !installed.containsKey(id)
                && (id.source().equals(config.vtep()) || id.destination().equals(config.vtep()))).toList();
    }

    /** Inbound ones first. */
    private Map<StateId, Installed> wanted(List<PeerSecurity> peers) {
        Map<StateId, Installed> wanted = new LinkedHashMap<>();
        for (PeerSecurity peer : peers) {
            int reqid = ids.of(peer.vtep(), peer.cipher());
            peer.inbound().forEach(sa -> wanted.put(new StateId(peer.vtep(), config.vtep(), sa.spi(), reqid),
                    new Installed(peer.vtep(), sa, false, peer.udp())));
        }
        for (PeerSecurity peer : peers) {
            int reqid = ids.of(peer.vtep(), peer.cipher());
            peer.outbound().ifPresent(sa -> wanted.put(new StateId(config.vtep(), peer.vtep(), sa.spi(), reqid),
                    new Installed(peer.vtep(), sa, true, peer.udp())));
        }
        return wanted;
    }

    private void add(StateId id, Installed what) {
        OptionalInt udpPort = what.udp() ? OptionalInt.of(config.espPort()) : OptionalInt.empty();
        SaKey key = what.sa().key();
        Duration left = what.sa().limit().time().minus(key.age());
        long packets = what.sa().limit().packets() - key.sent();
        long bytes = what.sa().limit().bytes() - key.sentBytes() - LONGEST_PACKET;
        boolean isOver = !left.isPositive() || key.received() == Long.MAX_VALUE || packets <= 0 || bytes <= 0 && key.sentBytes() > 0;
        if (!isOver && !what.outbound()) {
            table.add(new State(id, key, udpPort, 0, key.received(), -1, -1, left.toSeconds() + 1));
        } else if (!isOver) {
            table.add(new State(id, key, udpPort, key.sent(), 0, packets, Math.max(1, bytes), left.toSeconds() + 1));
        }
        installed.put(id, what);
    }

    private void uninstall(StateId id) {
        remove(id, installed.remove(id));
        usage.remove(id);
    }

    private void remove(StateId id, Installed what) {
        Optional<StateUsage> last = table.usage(id);
        table.remove(id);
        SaKey key = what.sa().key();
        if (what.outbound()) {
            key.sent(last.map(used -> used.sent() + SENT_MEANWHILE).orElse(Long.MAX_VALUE),
                    key.sentBytes() + last.map(used -> used.bytes() + BYTES_MEANWHILE).orElse(0L));
        } else {
            key.received(last.map(StateUsage::received).orElse(Long.MAX_VALUE));
        }
    }

    List<SaUsage> usage() {
        List<SaUsage> all = new ArrayList<>();
        installed.forEach((id, what) -> {
            Optional<StateUsage> found = table.usage(id);
            found.ifPresent(now -> usage.put(id, now));
            StateUsage used = usage.getOrDefault(id, new StateUsage(0, 0, 0, 0));
            long sequence = found.isEmpty() ? Long.MAX_VALUE : what.outbound() ? used.sent() : used.received();
            all.add(new SaUsage(what.peer(), id.spi(), what.outbound(), used.packets(), used.bytes(), sequence));
        });
        return all;
    }
}
