package dev.weft.mesh.state;

import dev.weft.mesh.model.RecordCodec;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Entries of the store as records. */
final class RecordEntry {

    private static final Logger LOG = LoggerFactory.getLogger(RecordEntry.class);

    private RecordEntry() {
    }

    /** One entry that cannot be read must not take the others along. @param bytes null when the entry is gone */
    static <T extends Record> Optional<T> read(String path, byte[] bytes, Class<T> type) {
        if (bytes == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(RecordCodec.decode(bytes, type));
        } catch (RecordCodec.UnreadableRecord e) {
            LOG.warn("left out {}: {}", path, e.getMessage());
            return Optional.empty();
        }
    }

    static String lastPart(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
