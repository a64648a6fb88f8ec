package dev.weft.mesh.leak;

import dev.weft.api.Endpoint;
import dev.weft.api.EndpointInfo;
import dev.weft.api.EndpointSpec;
import dev.weft.api.FrameChannel;
import dev.weft.api.LeakReport;
import dev.weft.api.OverlayNetwork;
import dev.weft.api.SaInfo;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.UplinkCapture;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Looks for leaks: sends frames with a random mark from an endpoint of its own to one endpoint at each other node, and searches all packets
 * of the uplink for the mark. It says that all is well only when it saw as many encrypted packets go to each node as it sent.
 */
public final class LeakTest {

    private static final int FRAMES = 16;
    /** Long enough that it is in no packet by chance. */
    private static final int MARK_BYTES = 16;
    private static final Duration BETWEEN = Duration.ofMillis(20);
    private static final Duration AFTERWARDS = Duration.ofSeconds(1);
    private static final int MOST_TOLD = 10;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final OverlayNetwork network;
    private final DataPath path;
    private final Supplier<List<SaInfo>> keys;
    private final byte[] mark = new byte[MARK_BYTES];
    private final Map<String, Target> targets = new TreeMap<>();
    private final List<String> leaks = new ArrayList<>();
    private final List<String> blind = new ArrayList<>();
    private int sent;

    /** One endpoint at another node. */
    private static final class Target {
        private final EndpointInfo endpoint;
        private final Set<Integer> spis = new HashSet<>();
        private int encrypted;

        private Target(EndpointInfo endpoint) {
            this.endpoint = endpoint;
        }
    }

    /** @param keys the node's SAs at the moment */
    public LeakTest(OverlayNetwork network, DataPath path, Supplier<List<SaInfo>> keys) {
        this.network = network;
        this.path = path;
        this.keys = keys;
        RANDOM.nextBytes(mark);
    }

    /** @param self name of this node */
    public LeakReport run(String self) {
        network.endpoints().stream().filter(endpoint -> !endpoint.node().equals(self))
                .forEach(endpoint -> targets.putIfAbsent(endpoint.node(), new Target(endpoint)));
        if (targets.isEmpty()) {
            blind.add("no other live node has an endpoint in the network, so nothing of it crosses the uplink");
            return report();
        }
        try (UplinkCapture capture = path.captureUplink();
                Endpoint probe = network.attach(EndpointSpec.inProcess("verify-" + HexFormat.of().formatHex(mark, 0, 4)).build())) {
            sendAndLook(probe, capture);
            targets.forEach((node, target) -> judge(node, target));
            if (capture.missed() > 0) {
                blind.add(capture.missed() + " packets of the uplink went by unlooked at: there were too many, or they were too long");
            }
        } catch (WeftException.DataPathFailed e) {
            blind.add(e.getMessage());
        }
        return report();
    }

    private void sendAndLook(Endpoint probe, UplinkCapture capture) {
        FrameChannel frames = probe.frames();
        for (int i = 0; i < FRAMES; i++) {
            keys.get().stream().filter(SaInfo::outbound).filter(sa -> targets.containsKey(sa.peer()))
                    .forEach(sa -> targets.get(sa.peer()).spis.add(sa.spi()));
            for (Target target : targets.values()) {
                if (MarkedFrame.between(probe.info(), target.endpoint, mark).filter(frame -> frame.send(frames)).isPresent()) {
                    sent++;
                }
            }
            capture.poll(this::look, BETWEEN);
        }
        capture.poll(this::look, AFTERWARDS);
    }

    private void look(MemorySegment memory) {
        SeenPacket packet = new SeenPacket(memory);
        if (packet.contains(mark) && leaks.size() < MOST_TOLD) {
            leaks.add("a marked frame went by in clear: " + packet);
        }
        packet.esp().ifPresent(esp -> targets.values().stream().filter(target -> isTo(target.endpoint.vtep(), esp) && target.spis.contains(esp.spi()))
                .forEach(target -> target.encrypted++));
    }

    private static boolean isTo(InetAddress vtep, SeenPacket.Esp esp) {
        return esp.destination().equals(vtep);
    }

    private void judge(String node, Target target) {
        if (target.encrypted < FRAMES) {
            blind.add(target.encrypted + " encrypted packets to node '" + node + "' were seen and " + FRAMES + " frames were sent: there are no "
                    + "keys with it, or its packets go past the kernel, or several went as one");
        }
    }

    private LeakReport report() {
        return new LeakReport(network.info().name(), List.copyOf(targets.keySet()), sent,
                targets.values().stream().mapToLong(target -> target.encrypted).sum(), leaks, blind);
    }
}
