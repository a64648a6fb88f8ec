package dev.weft.mesh.path;

import dev.weft.api.path.Capabilities;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.PortPublisher;
import dev.weft.api.path.PortPublisherProvider;
import dev.weft.api.path.PublishedState;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What publishes ports on this host. */
public final class PortPublishers {

    private static final Logger LOG = LoggerFactory.getLogger(PortPublishers.class);

    private PortPublishers() {
    }

    /** What is on the module or class path. */
    public static Optional<PortPublisherProvider> installed() {
        for (ServiceLoader.Provider<PortPublisherProvider> each : ServiceLoader.load(PortPublisherProvider.class).stream().toList()) {
            try {
                return Optional.of(each.get());
            } catch (ServiceConfigurationError | LinkageError e) {
                LOG.warn("port publisher {} cannot be loaded", each.type().getName(), e);
            }
        }
        return Optional.empty();
    }

    /** Where it does not work, this node's addresses do not answer for published ports; its endpoints may stand behind those of others. */
    public static PortPublisher open(PortPublisherProvider provider, DataPathConfig config) {
        Capabilities found = provider.probe(config);
        if (!found.usable()) {
            LOG.info("this node takes no connections to published ports: {}", found.reason());
            return new NoPorts();
        }
        return provider.open(config);
    }

    private static final class NoPorts implements PortPublisher {

        @Override
        public void apply(PublishedState state) {
            // other nodes make it so at their addresses
        }

        @Override
        public boolean answers() {
            return false;
        }

        @Override
        public void close() {
            // nothing was made
        }
    }
}
