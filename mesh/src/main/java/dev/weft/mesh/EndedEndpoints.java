package dev.weft.mesh;

import dev.weft.api.WeftException;
import dev.weft.mesh.cluster.EndpointRegistry;
import dev.weft.mesh.model.EndpointRecord;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * In-process endpoints whose process has ended. Their records go when a process ends or the next one starts; what publishes ports is written and
 * removed by managers, who may not be there. Of the thread that starts or ends the node.
 */
final class EndedEndpoints {

    private static final Logger LOG = LoggerFactory.getLogger(EndedEndpoints.class);

    private final EndpointRegistry registry;
    private final OwnRecords records;
    private final UnderWay underWay;
    private final List<EndpointRecord> rest = new ArrayList<>();

    EndedEndpoints(EndpointRegistry registry, OwnRecords records, UnderWay underWay) {
        this.registry = registry;
        this.records = records;
        this.underWay = underWay;
    }

    /** Now, or when managers can be asked. */
    void remove(EndpointRecord record) {
        if (records.isManagers(record)) {
            underWay.begin(key(record)); // or it would be a stray, and be removed when it may have been attached again
            rest.add(record);
        } else {
            registry.remove(record);
        }
    }

    /** What only a manager removes: now that managers can be asked, and nothing is attached yet. */
    void removeRest() {
        for (EndpointRecord record : rest) {
            removeIfManagersAnswer(record);
            underWay.end(key(record));
        }
        rest.clear();
    }

    /** What stays is removed when the node comes back: into its cluster, or as the next process. */
    void removeIfManagersAnswer(EndpointRecord record) {
        try {
            records.remove(record);
        } catch (WeftException.ManagerUnreachable e) {
            LOG.warn("endpoint '{}' of network '{}' has ended, and its published ports stay for now: {}", record.name(), record.network(),
                    e.getMessage());
        }
    }

    private static String key(EndpointRecord record) {
        return LocalEndpoints.key(record.network(), record.name());
    }
}
