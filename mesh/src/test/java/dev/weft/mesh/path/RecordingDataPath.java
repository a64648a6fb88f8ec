package dev.weft.mesh.path;

import dev.weft.api.DataPathKind;
import dev.weft.api.FrameChannel;
import dev.weft.api.WeftException;
import dev.weft.api.counter.CounterSnapshot;
import dev.weft.api.path.Capabilities;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathProvider;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Carries nothing: writes down what it is told, and fails as a test wants it. For tests of faults and of the order of things. */
public class RecordingDataPath implements DataPath, DataPathProvider {

    public final List<DataPathState> applied = new CopyOnWriteArrayList<>();
    /** Endpoints that cannot be made, by name. */
    public final Map<String, WeftException> failing = new ConcurrentHashMap<>();
    /** What the next calls throw. */
    public volatile WeftException broken;
    /** What opening it throws. */
    public volatile WeftException failOpen;
    /** Runs within each call, after the state was written down. */
    public volatile Consumer<DataPathState> onApply = state -> { };
    public volatile boolean open;
    public volatile int underlayMtu = 1500;
    /** Why it cannot encrypt. */
    public volatile Optional<String> clearOnly = Optional.of("this data path does not encrypt");
    private final DataPathKind kind;

    public RecordingDataPath(DataPathKind kind) {
        this.kind = kind;
    }

    public DataPathState last() {
        return applied.getLast();
    }

    @Override
    public DataPathKind kind() {
        return kind;
    }

    @Override
    public Capabilities probe(DataPathConfig config) {
        return new Capabilities(true, "it only writes down", clearOnly, List.of());
    }

    @Override
    public DataPath open(DataPathConfig config) {
        if (failOpen != null) {
            throw failOpen;
        }
        open = true;
        return this;
    }

    @Override
    public int underlayMtu() {
        return underlayMtu;
    }

    @Override
    public List<String> properties() {
        return List.of("recording=true");
    }

    @Override
    public Map<EndpointId, WeftException> apply(DataPathState state) {
        if (broken != null) {
            throw broken;
        }
        applied.add(state);
        onApply.accept(state);
        Map<EndpointId, WeftException> failed = new HashMap<>();
        state.networks().stream().flatMap(network -> network.locals().stream()).map(LocalEndpoint::id)
                .filter(id -> failing.containsKey(id.name())).forEach(id -> failed.put(id, failing.get(id.name())));
        return failed;
    }

    @Override
    public FrameChannel frames(EndpointId endpoint) {
        throw new WeftException.NotFound("a recording data path has no frames");
    }

    @Override
    public Optional<String> clearOnly() {
        return clearOnly;
    }

    @Override
    public CounterSnapshot counters() {
        return new CounterSnapshot(List.of());
    }

    @Override
    public void close() {
        open = false;
    }
}
