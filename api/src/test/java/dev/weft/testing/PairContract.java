package dev.weft.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.api.DataPathKind;
import dev.weft.api.path.DataPath;
import java.util.Map;

/** A data path at each host. */
public abstract class PairContract extends ReachabilityContract {

    protected DataPath far;

    protected abstract DataPathKind far();

    @Override
    protected void openFar() {
        b = hosts.member("b", VNI, 2, 11);
        far = hosts.open(2, far());
        assertEquals(Map.of(), far.apply(hosts.state(2)));
    }

    /** Makes both hosts as the fixture says now. */
    protected void applyBoth() {
        assertEquals(Map.of(), near.apply(hosts.state(1)));
        assertEquals(Map.of(), far.apply(hosts.state(2)));
    }
}
