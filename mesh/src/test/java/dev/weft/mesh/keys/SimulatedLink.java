package dev.weft.mesh.keys;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/** One end of a connection of a {@link KeyWorld}: bytes arrive in order and late, or never. */
final class SimulatedLink implements KeyLink {

    private final KeyWorld world;
    private final SimulatedNode.Process here;
    private final boolean outgoing;
    private SimulatedLink other;
    private KeySession session;
    private boolean open = true;
    private final Deque<byte[]> arriving = new ArrayDeque<>();

    private SimulatedLink(KeyWorld world, SimulatedNode.Process here, boolean outgoing) {
        this.world = world;
        this.here = here;
        this.outgoing = outgoing;
    }

    static SimulatedLink open(KeyWorld world, SimulatedNode.Process caller, SimulatedNode.Process called) {
        SimulatedLink near = new SimulatedLink(world, caller, true);
        SimulatedLink far = new SimulatedLink(world, called, false);
        near.other = far;
        far.other = near;
        caller.links().add(near);
        called.links().add(far);
        near.session = caller.ring().opened(called.node(), near);
        far.session = called.ring().opened(caller.node(), far);
        return near;
    }

    @Override
    public void send(KeyMessage message) {
        byte[] bytes = KeyMessageCodec.encode(message);
        other.arriving.add(bytes);
        SimulatedLink to = other;
        world.after(world.between(1, 40), to::deliver);
    }

    /** In order: what is due is the oldest. */
    private void deliver() {
        if (!open || arriving.isEmpty() || !here.isAlive()) {
            return;
        }
        if (world.partitioned || !here.isTalking()) {
            world.after(200, this::deliver);
            return;
        }
        byte[] bytes = arriving.poll();
        KeyMessage message = KeyWorld.copy(bytes);
        Arrays.fill(bytes, (byte) 0);
        here.ring().received(session, message);
    }

    @Override
    public void close(String why) {
        cut();
    }

    /** Both ends hear of it, each after a while. */
    void cut() {
        for (SimulatedLink end : new SimulatedLink[] {this, other}) {
            if (end.open) {
                end.open = false;
                world.after(world.between(1, 50), () -> end.here.ring().closed(end.session));
            }
        }
        world.forget(this);
        world.forget(other);
    }

    /** The process at this end is dead; what it wrote before still arrives at the other. */
    void die() {
        open = false;
        world.after(world.between(1, 300), this::cut);
    }

    @Override
    public boolean isOutgoing() {
        return outgoing;
    }
}
