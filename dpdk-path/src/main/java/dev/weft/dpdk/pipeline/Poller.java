package dev.weft.dpdk.pipeline;

import dev.weft.dpdk.port.PacketPool;
import dev.weft.dpdk.port.Port;
import dev.weft.dpdk.port.Ports;
import dev.weft.dpdk.table.Tables;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The duty of the packet path's thread, one round at a time: takes commands, takes a burst from each port in turn that may have one
 * ({@link Turns}) and runs it through the pipeline, sends what workers have finished, and now and then does what time demands.
 * {@link PollerThread} runs rounds for ever; a test runs them itself.
 *
 * <p>{@link #addPort}, {@link #removePort} and {@link #adopt} are for any thread: they leave a message, which the next round
 * takes between bursts, when no packet is under way. What they return is done when it is so.
 */
public final class Poller {

    private static final long TICK = TimeUnit.MILLISECONDS.toNanos(100);

    private sealed interface Command {
        record AddPort(int index, Port port) implements Command {
        }

        record RemovePort(int index) implements Command {
        }

        record Adopt(Tables tables) implements Command {
        }
    }

    private record Message(Command command, CompletableFuture<Void> done) {
    }

    private final Queue<Message> messages = new ConcurrentLinkedQueue<>();
    private final Ports ports;
    private final Pipeline pipeline;
    private final PacketPool pool;
    private final LongSupplier nanoClock;
    /** An array: walking a list would allocate at each tick. */
    private final Housekeeping[] housekeeping;
    /** Closed, but their users still hold packets. */
    private final List<Port> closing = new ArrayList<>();
    private final Wakeup wakeup;
    private final Turns turns;
    private Tables tables = Tables.EMPTY;
    private long nextTick;

    /** One that nobody has to wake: for rounds that are run by hand. @param nanoClock {@link System#nanoTime}, or a test's */
    public Poller(Ports ports, Pipeline pipeline, PacketPool pool, LongSupplier nanoClock, List<Housekeeping> housekeeping) {
        this(ports, pipeline, pool, nanoClock, housekeeping, Wakeup.naps());
    }

    /** @param wakeup told of each message that is left */
    public Poller(Ports ports, Pipeline pipeline, PacketPool pool, LongSupplier nanoClock, List<Housekeeping> housekeeping, Wakeup wakeup) {
        this.wakeup = wakeup;
        turns = new Turns(ports, wakeup);
        this.ports = ports;
        this.pipeline = pipeline;
        this.pool = pool;
        this.nanoClock = nanoClock;
        this.housekeeping = housekeeping.toArray(Housekeeping[]::new);
        nextTick = nanoClock.getAsLong();
    }

    /** Any thread: packets come and go through the port from now on. */
    public CompletableFuture<Void> addPort(int index, Port port) {
        return leave(new Command.AddPort(index, port));
    }

    /** Any thread: closes the port; packets that are meant for it are dropped. */
    public CompletableFuture<Void> removePort(int index) {
        return leave(new Command.RemovePort(index));
    }

    /** Any thread: bursts run under this snapshot from now on. */
    public CompletableFuture<Void> adopt(Tables snapshot) {
        return leave(new Command.Adopt(snapshot));
    }

    private CompletableFuture<Void> leave(Command command) {
        Message message = new Message(command, new CompletableFuture<>());
        messages.add(message);
        wakeup.signal();
        return message.done();
    }

    Wakeup wakeup() {
        return wakeup;
    }

    Ports ports() {
        return ports;
    }

    /** @return how much work there was; 0: none */
    public int step() {
        int work = takeMessages();
        turns.begin();
        for (int port = 0; port < ports.size(); port++) {
            if (turns.has(port)) {
                work += poll(port);
            }
        }
        turns.end();
        work += pipeline.drain();
        long nanos = nanoClock.getAsLong();
        if (nanos - nextTick >= 0) {
            nextTick = nanos + TICK;
            tick(nanos);
        }
        return work;
    }

    /** Whether packets come in bulk. */
    boolean isBulk() {
        return turns.isBulk();
    }

    private int takeMessages() {
        int taken = 0;
        while (!messages.isEmpty()) {
            pipeline.drainAll(); // which may throw: then the message is still there in the next round
            Message message = messages.remove();
            execute(message.command());
            message.done().complete(null);
            taken++;
        }
        return taken;
    }

    private void execute(Command command) {
        switch (command) {
            case Command.AddPort(int index, Port port) -> ports.set(index, port);
            case Command.RemovePort(int index) -> {
                Port port = ports.remove(index);
                if (port != null) {
                    close(port);
                }
            }
            case Command.Adopt(Tables snapshot) -> tables = snapshot;
        }
    }

    private void close(Port port) {
        port.close();
        if (!port.reclaim()) {
            closing.add(port);
        }
    }

    private int poll(int index) {
        Port port = ports.get(index);
        Burst burst = port == null ? null : pipeline.claim(index);
        if (burst == null) {
            return 0; // the port was not asked, so it still has its turn
        }
        burst.begin(tables, pool.memory(), index);
        int received = 0;
        try {
            port.receive(burst);
        } finally {
            // A port that throws has left what it received before in the burst.
            received = burst.count;
            turns.had(index, received);
            if (received > 0) {
                count(burst);
                pipeline.process(burst);
            }
        }
        return received;
    }

    private void count(Burst burst) {
        long bytes = 0;
        for (int i = 0; i < burst.count; i++) {
            bytes += burst.length[i];
        }
        ports.counters(burst.inPort).received(burst.count, bytes);
        turns.carried(bytes);
    }

    private void tick(long nanos) {
        turns.tick();
        if (!closing.isEmpty()) {
            closing.removeIf(Port::reclaim);
        }
        for (Housekeeping duty : housekeeping) {
            duty.tick(tables, nanos);
        }
    }

    /**
     * After the last round: closes all ports, those too that nobody took. Commands that nobody took are void.
     *
     * @return true when no packet buffer is with a port's user any more, so that the pool may go
     */
    public boolean end() {
        pipeline.drainAll();
        for (int index = ports.size() - 1; index >= 0; index--) {
            Port port = ports.remove(index);
            if (port != null) {
                close(port);
            }
        }
        pipeline.close();
        for (Message message = messages.poll(); message != null; message = messages.poll()) {
            if (message.command() instanceof Command.AddPort(int _, Port port)) {
                close(port);
            }
            message.done().cancel(false);
        }
        closing.removeIf(Port::reclaim);
        return closing.isEmpty();
    }
}
