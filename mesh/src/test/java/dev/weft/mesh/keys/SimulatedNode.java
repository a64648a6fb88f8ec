package dev.weft.mesh.keys;

import dev.weft.api.path.PeerSecurity;
import dev.weft.api.path.SaUsage;
import dev.weft.api.path.SecurityAssociation;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** A node of a {@link KeyWorld}: its processes one after the other, each with a key ring and a data path that starts empty. */
final class SimulatedNode {

    private final KeyWorld world;
    private final String id;
    private final InetAddress vtep;
    private final long clockOffset;
    private final Set<String> sharedWith = new HashSet<>();
    private Process process;
    /** The data path takes so long at most to take up a state, in ms. */
    long slowestApply = 50;
    /** Whether the process opens connections and answers on them. */
    boolean daemonRuns = true;

    SimulatedNode(KeyWorld world, String id, InetAddress vtep, long clockOffset) {
        this.world = world;
        this.id = id;
        this.vtep = vtep;
        this.clockOffset = clockOffset;
    }

    /** One process: dead ones stay dead. */
    final class Process {
        private final KeyRing ring;
        private final SimulatedPath path = new SimulatedPath();
        private final Set<String> dialling = new HashSet<>();
        private final List<SimulatedLink> links = new ArrayList<>();
        private boolean applying;
        private boolean changed;

        private Process() {
            ring = new KeyRing(id, world.limits, new Random(world.random.nextLong()), () -> world.now() + clockOffset, this::changed);
        }

        boolean isAlive() {
            return process == this;
        }

        String node() {
            return id;
        }

        KeyRing ring() {
            return ring;
        }

        SimulatedPath path() {
            return path;
        }

        List<SimulatedLink> links() {
            return links;
        }

        boolean isTalking() {
            return isAlive() && daemonRuns;
        }

        /** As the applier does: one round at a time, and one more when something changed meanwhile. */
        private void changed() {
            if (applying) {
                changed = true;
                return;
            }
            applying = true;
            changed = false;
            List<PeerSecurity> wanted = ring.share(shares(), world.ids());
            long takes = world.between(1, slowestApply);
            world.after(takes / 2, () -> path.apply(wanted));
            world.after(takes, () -> {
                if (isAlive()) {
                    ring.applied(wanted);
                    applying = false;
                    if (changed) {
                        changed();
                    }
                }
            });
        }

        private void dial() {
            ring.missing().stream().map(world::node).forEach(peer -> world.connect(SimulatedNode.this, peer));
        }
    }

    private List<PeerShare> shares() {
        return world.nodes().stream().filter(peer -> peer != this && shares(peer))
                .map(peer -> new PeerShare(peer.id, KeyWorld.CIPHER, peer.vtep, false)).toList();
    }

    /** What this node knows; the other one may hear of it later. */
    boolean shares(SimulatedNode other) {
        return sharedWith.contains(other.id);
    }

    void share(SimulatedNode other, boolean value) {
        if (value ? sharedWith.add(other.id) : sharedWith.remove(other.id)) {
            if (isUp()) {
                process.changed();
            }
        }
    }

    void boot() {
        process = new Process();
        process.changed();
    }

    void kill() {
        Process dead = process;
        process = null;
        dead.links().forEach(SimulatedLink::die);
    }

    boolean isUp() {
        return process != null;
    }

    Process process() {
        return process;
    }

    SimulatedPath path() {
        return process.path;
    }

    String id() {
        return id;
    }

    InetAddress vtep() {
        return vtep;
    }

    /** The process that gave out an SPI, if it is the one that runs. */
    Process processOf(int spi) {
        return process != null && process.path.everHad(spi) ? process : null;
    }

    void tick() {
        if (isUp()) {
            process.ring.tick();
        }
    }

    void dial() {
        if (isUp() && daemonRuns) {
            process.dial();
        }
    }

    void reportUsage() {
        if (isUp()) {
            process.ring.used(process.path.usage());
        }
    }

    /** Whether it seals to the other, and the other confirms what it got. */
    boolean isReadyWith(SimulatedNode other) {
        return isUp() && process.ring.isReady(KeyWorld.CIPHER, Set.of(other.id));
    }
}
