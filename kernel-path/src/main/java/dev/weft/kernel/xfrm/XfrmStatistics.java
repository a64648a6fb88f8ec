package dev.weft.kernel.xfrm;

import dev.weft.api.counter.DropReason;
import dev.weft.ffm.libc.NetworkNamespace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the kernel's IPsec dropped in the uplink's namespace, whoever's it was (Documentation/networking/xfrm_proc.rst). Nothing on a
 * kernel without CONFIG_XFRM_STATISTICS. Any thread may read.
 */
public final class XfrmStatistics {

    /** Of the thread's own namespace; /proc/net would be that of the process. */
    private static final Path COUNTERS = Path.of("/proc/thread-self/net/xfrm_stat");

    /** XfrmOutNoStates is not among them: the kernel goes on with such a packet, and our rules drop and count it. */
    private static final Map<DropReason, List<String>> NAMES = new EnumMap<>(Map.of(
            DropReason.NO_SA, List.of("XfrmOutStateExpired", "XfrmOutStateInvalid", "XfrmOutPolBlock"),
            DropReason.UNKNOWN_SPI, List.of("XfrmInNoStates", "XfrmInStateInvalid", "XfrmInStateExpired"),
            DropReason.REPLAYED, List.of("XfrmInStateSeqError"),
            DropReason.ICV_MISMATCH, List.of("XfrmInStateProtoError"),
            DropReason.CLEAR_TEXT, List.of("XfrmInTmplMismatch", "XfrmInNoPols")));

    private final NetworkNamespace namespace;
    private final Map<String, Long> atStart;

    public XfrmStatistics(NetworkNamespace namespace) {
        this.namespace = namespace;
        atStart = read();
    }

    /** Packets dropped since this was made, by reason. */
    public Map<DropReason, Long> dropped() {
        Map<String, Long> now = read();
        Map<DropReason, Long> dropped = new EnumMap<>(DropReason.class);
        NAMES.forEach((reason, names) -> dropped.put(reason,
                names.stream().mapToLong(name -> now.getOrDefault(name, 0L) - atStart.getOrDefault(name, 0L)).sum()));
        return dropped;
    }

    private Map<String, Long> read() {
        List<String> lines = namespace.call(() -> Files.exists(COUNTERS) ? Files.readAllLines(COUNTERS) : List.<String>of());
        Map<String, Long> counters = new HashMap<>();
        lines.stream().map(line -> line.split("\\s+")).filter(words -> words.length == 2)
                .forEach(words -> counters.put(words[0], Long.parseLong(words[1])));
        return counters;
    }
}
