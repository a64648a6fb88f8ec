package dev.weft.api.path;

/** Makes port publishers; found by {@link java.util.ServiceLoader}. */
public interface PortPublisherProvider {

    /** What it can do here, without changing anything. */
    Capabilities probe(DataPathConfig config);

    /** Changes nothing before the first {@link PortPublisher#apply}. */
    PortPublisher open(DataPathConfig config);
}
