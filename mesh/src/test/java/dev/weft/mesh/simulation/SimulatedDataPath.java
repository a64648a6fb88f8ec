package dev.weft.mesh.simulation;

import dev.weft.api.DataPathKind;
import dev.weft.api.FrameChannel;
import dev.weft.api.WeftException;
import dev.weft.api.counter.CounterSnapshot;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import java.util.List;
import java.util.Map;

/** Carries nothing; knows the last state, and when it came. */
public final class SimulatedDataPath implements DataPath {

    private final VirtualTime time;
    private DataPathState last = DataPathState.EMPTY;
    private long changedAt;
    private long rounds;

    SimulatedDataPath(VirtualTime time) {
        this.time = time;
    }

    public DataPathState last() {
        return last;
    }

    /** When the last state came, in microseconds of virtual time. */
    public long changedAt() {
        return changedAt;
    }

    public long rounds() {
        return rounds;
    }

    @Override
    public DataPathKind kind() {
        return DataPathKind.SOCKET;
    }

    @Override
    public int underlayMtu() {
        return 1500;
    }

    @Override
    public List<String> properties() {
        return List.of();
    }

    @Override
    public Map<EndpointId, WeftException> apply(DataPathState state) {
        last = state;
        changedAt = time.micros();
        rounds++;
        return Map.of();
    }

    @Override
    public FrameChannel frames(EndpointId endpoint) {
        throw new WeftException.NotFound("a simulated data path has no frames");
    }

    @Override
    public CounterSnapshot counters() {
        return new CounterSnapshot(List.of());
    }

    @Override
    public void close() {
        last = DataPathState.EMPTY;
    }
}
