package dev.weft.mesh.path;

import dev.weft.api.path.Capabilities;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.PortPublisher;
import dev.weft.api.path.PortPublisherProvider;
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

    /** Nothing where it does not work: this node's addresses do not answer for published ports then. */
    public static Optional<PortPublisher> open(PortPublisherProvider provider, DataPathConfig config) {
        Capabilities found = provider.probe(config);
        if (!found.usable()) {
            LOG.info("this node takes no connections to published ports: {}", found.reason());
            return Optional.empty();
        }
        return Optional.of(provider.open(config));
    }
}
