package dev.weft.api;

/** A published service. Thread-safe. */
public interface Service extends AutoCloseable {

    ServiceInfo info();

    /** Removes the service from the cluster; open connections lose their translation. Idempotent. */
    @Override
    void close();
}
