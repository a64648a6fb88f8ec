package dev.weft.mesh.vm;

import dev.weft.testing.Shell;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the kernel says it lost or refused, in all namespaces that have a name. But for what a VXLAN device has no FDB entry for: the kernel
 * itself talks into it, to groups of multicast, and that goes nowhere.
 */
final class KernelLosses {

    private static final int SOFTNET_DROPPED = 1;
    /** Columns of /proc/net/dev, that of the name first: errors and drops of each direction. */
    private static final Map<String, Integer> OF_INTERFACE = Map.of("rx-errors", 3, "rx-drops", 4, "tx-errors", 11, "tx-drops", 12);

    private KernelLosses() {
    }

    /** By where: {@code NAMESPACE XfrmInNoStates}, {@code NAMESPACE INTERFACE rx-drops}, {@code NAMESPACE UdpRcvbufErrors}. Zeros too. */
    static Map<String, Long> read() {
        Map<String, Long> losses = new TreeMap<>();
        Shell.words("cat /proc/net/softnet_stat").lines().map(line -> line.split(" ")).forEach(columns ->
                losses.merge("softnet", Long.parseLong(columns[SOFTNET_DROPPED], 16), Long::sum));
        Shell.words("ip netns list").lines().map(line -> line.split(" ")[0]).filter(name -> !name.isEmpty()).forEach(namespace -> {
            String files = Shell.in(namespace, "grep", "", "/proc/net/xfrm_stat", "/proc/net/dev", "/proc/net/snmp");
            rows(files, "xfrm_stat:Xfrm").forEach(row -> losses.put(namespace + " Xfrm" + row.get(0), Long.parseLong(row.get(1))));
            rows(files, "dev:").stream().filter(row -> row.get(0).endsWith(":")).forEach(row -> OF_INTERFACE.forEach((what, column) ->
                    losses.put(namespace + " " + row.get(0) + " " + what, Long.parseLong(row.get(column)))));
            List<List<String>> udp = rows(files, "snmp:Udp:");
            for (int i = 0; i < udp.get(0).size(); i++) {
                if (udp.get(0).get(i).endsWith("Errors")) {
                    losses.put(namespace + " Udp" + udp.get(0).get(i), Long.parseLong(udp.get(1).get(i)));
                }
            }
        });
        losses.keySet().removeIf(where -> where.endsWith(" vxlan0: tx-drops"));
        return losses;
    }

    private static List<List<String>> rows(String files, String start) {
        return files.lines().filter(line -> line.startsWith("/proc/net/" + start))
                .map(line -> List.of(line.substring("/proc/net/".length() + start.length()).strip().split("\\s+"))).toList();
    }
}
